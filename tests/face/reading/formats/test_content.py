"""Bytes of tables: compressed or not, damaged, without an end, from pipes, in any encoding."""

import bz2
import gzip
import io
import lzma
import os
import random
import re
import sys
import tarfile
import zipfile

import pyarrow
import pytest

from recurate.errors import InputError
from recurate.reading.formats.content import content_of
from recurate.reading.formats.opening import opened

TEXT = 'reward,group\n1.5,é\n-2,"b\r\nc"\n'
ROWS = [(1.5, "é"), (-2.0, "b\r\nc")]


def zipped(data, *names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("folder/"), b"")
        for name in names or ("t.csv",):
            info = zipfile.ZipInfo(name)  # without a date, for tests have names of it
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


PACKED = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pyarrow.compress(data, codec="zstd", asbytes=True),
    ".zip": zipped,
}


def rows_of(path):
    source = opened(str(path))
    return source.frame(source.fields).rows()


def refusal(path):
    with pytest.raises(InputError) as caught:
        rows_of(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    return str(caught.value)


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", ["t.csv{}", "t{}", "t.csv", "t.data"])
def test_what_is_compressed_is_known_by_its_content(tmp_path, suffix, name):
    path = tmp_path / name.format(suffix)
    path.write_bytes(PACKED[suffix](TEXT.encode()))
    assert rows_of(path) == ROWS
    assert opened(str(path)).place(2) == f"{path.name}, row 2 (line 3)"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_encodings(tmp_path, encoding, suffix):
    path = tmp_path / f"t.csv{suffix}"
    data = TEXT.encode(encoding)
    path.write_bytes(PACKED[suffix](data) if suffix else data)
    assert rows_of(path) == ROWS


def test_several_compressions_and_members(tmp_path):
    path = tmp_path / "t.csv.bz2.gz"
    path.write_bytes(gzip.compress(bz2.compress(TEXT.encode())))
    assert rows_of(path) == ROWS
    # As `cat a.gz b.gz` makes it.
    path.write_bytes(gzip.compress(b"reward\n1\n") + gzip.compress(b"2\n"))
    assert rows_of(path) == [(1.0,), (2.0,)]


def test_separators_of_records_in_zstandard_stay(tmp_path):
    path = tmp_path / "t.csv.zst"
    path.write_bytes(PACKED[".zst"](b"reward,group\n1,a\x1eb\n"))
    assert rows_of(path) == [(1.0, "a\x1eb")]


@pytest.mark.parametrize("suffix", PACKED)
def test_damaged_archives_are_refused_in_a_line(tmp_path, suffix, capfd):
    whole = PACKED[suffix](b"reward,group\n" + b"".join(b"%d,a\n" % i for i in range(3_000)))
    path = tmp_path / f"t.csv{suffix}"
    random_ = random.Random(1)
    said = []
    for _ in range(40):
        damaged = bytearray(whole[: random_.randrange(8, len(whole))])
        for _ in range(random_.randint(0, 2)):
            damaged[random_.randrange(6, len(damaged))] ^= random_.randrange(1, 256)
        path.write_bytes(damaged)
        try:
            rows_of(path)
        except InputError as error:
            said.append(str(error))
    assert len(said) > 30
    assert all(text.startswith(f"t.csv{suffix}") for text in said)
    assert capfd.readouterr().err == ""


def test_what_unpacks_to_very_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("recurate.reading.formats.content._LEAST_LIMIT", 2**16)
    for suffix in (".gz", ".bz2", ".xz", ".zip", ".zst"):
        path = tmp_path / f"t.csv{suffix}"
        path.write_bytes(PACKED[suffix](b"reward\n" + bytes(2**22)))
        assert "must unpack to at most" in refusal(path)


def test_a_byte_of_another_encoding_is_named_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    for lines in (3, 200_000):
        path.write_bytes(b"reward,group\n" + b"1,a\n" * lines + b"1,\xe9t\n2,\xc3\xa9\n")
        assert refusal(path) == (
            f"t.csv must be CSV in UTF-8 or UTF-16; got byte 0xe9 in line {lines + 2}. If it was "
            "written on Windows: iconv -f WINDOWS-1252 -t UTF-8 t.csv > new.csv"
        )
    path.write_bytes(b"reward\n1\n\xc3")  # half a letter at the end
    assert "got byte 0xc3 in line 3" in refusal(path)
    path.write_bytes(b"\xff\xfer\x00e\x00\n\x00\x00\xdc1\x00")  # half a letter of UTF-16
    assert refusal(path) == "t.csv, line 2: begins as UTF-16 does; got illegal encoding"


def test_standard_input_may_hold_any_format(monkeypatch):
    for data in (TEXT.encode(), gzip.compress(TEXT.encode()), TEXT.encode("utf-16")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert rows_of("-") == ROWS
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n1\n")))
    assert refusal("-").startswith("standard input, row 1 (line 2): a row must have 2 fields")
    monkeypatch.setattr(sys, "stdin", None)
    assert refusal("-") == "standard input must be open to read a table from it; it is closed"


def test_what_is_no_file(tmp_path):
    with pytest.raises(InputError, match="FILE must be the name of a file, or - for standard"):
        content_of("")
    for address in ("https://example.com/t.csv", "hf://datasets/x/t.parquet", "s3://x/t.csv"):
        assert refusal(address).startswith("FILE must be a file on this machine; got the address")
    with pytest.raises(FileNotFoundError):
        content_of(str(tmp_path / "none.csv"))
    with pytest.raises(IsADirectoryError):
        content_of(str(tmp_path))
    for name, kind in (("d.arrow", "Arrow"), ("d.feather", "Feather")):
        (tmp_path / name).mkdir()
        assert refusal(tmp_path / name) == f"{name} must be a {kind} file; got a folder"


class Endless(io.RawIOBase):
    """The same bytes again and again, and how many were read."""

    def __init__(self, data):
        self._data, self.read_bytes = data, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        piece = (self._data * (len(buffer) // len(self._data) + 1))[: len(buffer)]
        buffer[:] = piece
        self.read_bytes += len(piece)
        return len(piece)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"1,\xff\n", "standard input must be CSV in UTF-8 or UTF-16; got byte 0xff in line 1"),
        (b"x" * 64, "standard input must be a table with a header row of less than 4,096 char"),
        (
            b"y\n" * 32,
            "standard input must have at most 65,536 bytes; got more: write it to a file",
        ),
        (gzip.compress(b"1", mtime=0), "standard input must have at most 65,536 bytes; got more"),
        ("y\n".encode("utf-16-le"), "standard input must have at most 65,536 bytes; got more"),
    ],
)
def test_what_has_no_end_is_not_read_to_it(monkeypatch, data, message):
    monkeypatch.setattr("recurate.reading.formats.content.LONGEST_LINE", 2**12)
    monkeypatch.setattr("recurate.reading.formats.content._MOST_PIPED", 2**16)
    endless = Endless(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(endless)))
    assert refusal("-").startswith(message)
    assert endless.read_bytes <= 2**18


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_read_to_its_end(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    if os.fork() == 0:
        with open(path, "wb") as file:
            file.write(gzip.compress(TEXT.encode()))
        os._exit(0)
    assert rows_of(path) == ROWS
    os.wait()


def test_what_a_mac_adds_to_an_archive_is_no_file_of_it(tmp_path):
    (tmp_path / "t.zip").write_bytes(zipped(TEXT.encode(), "t.csv", "__MACOSX/._t.csv"))
    assert rows_of(tmp_path / "t.zip") == ROWS


@pytest.mark.parametrize(
    ("name", "data", "what", "how"),
    [
        ("t.csv", b"\x80\x04\x95\x00", "a pickle, which is a program and is never run", "save"),
        ("t.pkl", b"reward\n1\n", "a pickle", "save the table"),
        ("t.pt", zipped(b"x", "archive/data.pkl", "archive/data/0"), "a pickle", "save"),
        ("t.ods", zipped(b"x", "mimetype", "content.xml"), "a spreadsheet", "convert-to csv t.ods"),
        ("t.xlsx", zipped(b"x", "xl/workbook.xml", "[Content_Types].xml"), "Excel", "read_excel"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook", "pandas.read_excel('t.xls')"),
        ("t.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file", "pandas.read_hdf('t.h5')"),
        ("t.mat", b"MATLAB 5.0 MAT-file" + b"\0" * 99, "a file of MATLAB", "scipy.io.loadmat("),
        ("t.dta", b"r\x02\x01\0\4\0", "a file of Stata", "pandas.read_stata('t.dta')"),
        ("t.sav", b"$FL2@(#) SPSS" + b"\0" * 99, "a file of SPSS", "pandas.read_spss('t.sav')"),
        ("t.rds", b"X\n\0\0\0\3", "a file of R", "write.csv(x, 't.csv', row.names = FALSE)"),
        ("t.avro", b"Obj\x01\2", "an Avro file", "polars.read_avro('t.avro')"),
        ("t.sql", b"-- a dump\nCREATE TABLE r (a int);\n", "SQL", "sqlite3 t.db < t.sql && "),
        ("t.tex", b"\\begin{tabular}{lr}\n", "LaTeX", "save its rows as CSV"),
        ("t.txt", b"+----+---+\n| id | r |\n+----+---+\n", "a drawn table", "psql --csv"),
        ("t.txt", b" id | reward \n----+-----\n  1 | 2\n", "a drawn table", "mysql --batch"),
        ("t.db", b"SQLite format 3\x00", "a database", "sqlite3 -csv -header t.db"),
        ("t.feather", b"FEA1\x00", "Feather's first version", "pandas.read_feather"),
        (
            "t.csv.7z",
            b"7z\xbc\xaf\x27\x1c",
            "compressed by 7-Zip",
            "unpack it first: 7z x t.csv.7z",
        ),
        ("t.csv.lz4", b"\x04\x22\x4d\x18", "compressed by LZ4", "lz4 -d t.csv.lz4"),
        ("t.csv.br", b"\x1b\x0f", "compressed by Brotli", "brotli -d t.csv.br"),
        ("t.zip", zipped(b"a\n1\n", "a.csv", "b.csv"), "ZIP archive of several", "unzip t.zip"),
        ("t.csv", b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS", "git lfs pull"),
        ("t.csv", b"<!DOCTYPE html>\n<html>", "a page of HTML", "pandas.read_html('t.csv')[0]"),
        ("t.csv", b"<?xml version='1.0'?><a/>", "an XML document", "save its rows as CSV"),
        ("t.yaml", b"reward: 1\n", "YAML", "yaml.safe_load(open('t.yaml'))"),
        ("t.csv", b"- reward: 1\n  group: a\n- reward: 2\n", "YAML", "> t.json"),
        ("t.bin", b"\x7fELF\x02\x01\x01\x00\x03", "a file of another kind", "begins with"),
        ("t.csv", b"%PDF-1.7", "a PDF document", "CSV"),
    ],
)
def test_files_that_are_no_tables_are_named_with_what_to_type(tmp_path, name, data, what, how):
    path = tmp_path / name
    path.write_bytes(data)
    said = refusal(path)
    assert said.startswith(f"{name} must be a table (CSV, TSV, JSON, JSON Lines, .npy, .npz, Parq")
    assert what in said
    assert how in said


def test_no_command_is_shown_with_a_name_that_is_a_command(tmp_path):
    for name in ("x';id;'.pkl", "$(id).yaml", "a b.xlsx", "-x.br"):
        (tmp_path / name).write_bytes(b"reward: 1\n")
        _, _, typed = refusal(tmp_path / name).partition("; got ")
        assert "id" not in typed
        assert name not in typed
    (tmp_path / "$(id).yaml").write_bytes(b"reward: 1\n")
    assert "yaml.safe_load(open('FILE'))" in refusal(tmp_path / "$(id).yaml")


def test_an_archive_of_tar_is_named(tmp_path):
    path = tmp_path / "t.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    assert "got an archive of tar: tar -xf t.tar.gz unpacks it" in refusal(path)


MARKDOWN = """# Title

Words | and more

|Model|Score|
|:---|---:|
| m1 | 1.5 |
|m2|2|
| m3 | 98.2 % |

Words
"""


def test_bars_and_emphasis_in_cells_of_markdown_are_read_as_they_are_shown(tmp_path):
    path = tmp_path / "t.md"
    path.write_text("| model | reward |\n|---|---|\n| a \\| b | 1 |\n| **c_d** | **2** |\n")
    assert opened(str(path)).frame(["model", "reward"]).rows() == [("a | b", 1.0), ("c_d", 2.0)]


def test_a_table_in_markdown_is_read_with_the_lines_of_the_file(tmp_path):
    path = tmp_path / "t.md"
    path.write_text(MARKDOWN)
    assert rows_of(path) == [("m1", "1.5"), ("m2", "2"), ("m3", "98.2 %")]
    lines = MARKDOWN.splitlines()
    for row, label in enumerate(("m1", "m2", "m3"), start=1):
        line = int(re.search(r"line (\d+)", opened(str(path)).place(row))[1])
        assert label in lines[line - 1]
    path.write_text(MARKDOWN + MARKDOWN)
    assert "must have one table in Markdown; got 2, in lines 5, 16: keep one" in refusal(path)
    path.write_text("no table | here\n")
    assert "no table | here" in opened(str(path)).fields


@pytest.mark.parametrize(
    "text",
    ["reward: raw,group\n1,a\n2,b\n3,c\n", "a\n- 1\n- 2\n", "x: y\n1\n2\n", "reward\n1\n2\n"],
)
def test_tables_are_not_taken_for_yaml(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    assert rows_of(path)
