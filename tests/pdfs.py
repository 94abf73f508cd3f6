"""PDF files for the tests, written by hand: what is drawn where, and in which order."""

from collections.abc import Mapping, Sequence

Drawn = tuple[float, float, float, str]
"""Left, baseline, size of Helvetica in points, and what is shown; in bold if it begins with two stars."""

PICTURE = "q 500 0 0 700 50 70 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x7f EI Q"


def pdf(pages: Sequence[Sequence[str]], title: str = "") -> bytes:
    """Return a PDF with one line for each string."""
    return placed(
        [[(50, 780 - 14 * at, 11, line) for at, line in enumerate(lines)] for lines in pages], title
    )


def placed(
    pages: Sequence[Sequence[Drawn] | str],
    title: str = "",
    info: Mapping[str, str] | None = None,
    tail: str = "",
) -> bytes:
    """Return a PDF whose pages show what is given, in this order; a page may be raw operators, too."""
    kids = [5 + 2 * number for number in range(len(pages))]
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] /Count {len(kids)} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    }
    for kid, page in zip(kids, pages, strict=True):
        stream = page if isinstance(page, str) else "\n".join(map(_shown, page))
        objects[kid] = (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            "<< /Font << /F1 3 0 R /F2 4 0 R >> >> "
            f"/Contents {kid + 1} 0 R >>"
        )
        objects[kid + 1] = f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream"
    last = max(objects) + 1
    said = "".join(
        f" /{name} ({_escaped(value)})" for name, value in {"Title": title, **(info or {})}.items()
    )
    objects[last] = f"<<{said} >>"
    out, offsets = b"%PDF-1.4\n", []
    for number in sorted(objects):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info {last} 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}{tail}".encode()


def _shown(drawn: Drawn) -> str:
    left, base, size, text = drawn
    font = "F2" if text.startswith("**") else "F1"
    return f"BT /{font} {size} Tf {left} {base} Td ({_escaped(text.removeprefix('**'))}) Tj ET"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
