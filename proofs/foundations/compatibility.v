(* Names of MathComp 2 for what MathComp 1.15 (Debian 12) calls otherwise. The other files use
   the new names: on MathComp 2 this file becomes empty, apart from what it exports. *)
From mathcomp Require Import all_ssreflect all_algebra.
Import Num.Theory.

Notation ler_pM2l := ler_pmul2l (only parsing).
Notation ler_pM2r := ler_pmul2r (only parsing).
Notation ler_wpM2l := ler_wpmul2l (only parsing).
Notation ler_wpM2r := ler_wpmul2r (only parsing).
Notation ler_pM := ler_pmul (only parsing).
Notation ler_pV2 := ler_pinv (only parsing).
Notation ltr_pV2 := ltr_pinv (only parsing).
Notation lerD := ler_add (only parsing).
Notation lerD2l := ler_add2l (only parsing).
Notation lerD2r := ler_add2r (only parsing).
Notation ler_wpDl := ler_paddl (only parsing).
Notation ler_wpDr := ler_paddr (only parsing).
Notation ltr_pwDl := ltr_spaddl (only parsing).
Notation ler_pdivlMr := ler_pdivl_mulr (only parsing).
Notation ler_pdivrMr := ler_pdivr_mulr (only parsing).
Notation ltr_pdivlMr := ltr_pdivl_mulr (only parsing).
Notation ltr_pdivrMr := ltr_pdivr_mulr (only parsing).
Notation lerDl := ler_addl (only parsing).
Notation lerDr := ler_addr (only parsing).
Notation lerBlDr := ler_subl_addr (only parsing).
Notation lerBlDl := ler_subl_addl (only parsing).
Notation lerBrDr := ler_subr_addr (only parsing).
Notation lerBrDl := ler_subr_addl (only parsing).
Notation ltrBlDr := ltr_subl_addr (only parsing).
Notation ler_piMr := ler_pimulr (only parsing).
Notation ler_piMl := ler_pimull (only parsing).
Notation ler_peMr := ler_pemulr (only parsing).
Notation ler_eXnr := ler_eexpr (only parsing).
Notation lerXn2r := ler_expn2r (only parsing).
Notation lerN2 := ler_opp2 (only parsing).
Notation ltr_pM2l := ltr_pmul2l (only parsing).
Notation ltr_leD := ltr_le_add (only parsing).
Notation gtr_pMr := gtr_pmulr (only parsing).
Notation ler_pMr := ler_pmulr (only parsing).
Notation ltrDl := ltr_addl (only parsing).
