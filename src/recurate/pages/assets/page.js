"use strict";
// What needs a script is hidden until there is one; the page says the same without it.
for (const element of document.querySelectorAll(".for-script")) element.hidden = false;
