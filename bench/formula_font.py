"""Make static/fonts/formula.woff2, the letters and signs of formulas, from TeX Gyre Pagella Math.

    apt-get install fonts-texgyre-math
    pip install fonttools brotli
    python bench/formula_font.py /usr/share/texmf/fonts/opentype/public/tex-gyre-math/texgyrepagella-math.otf

A sixth of the whole comes from curves of the second degree, which WOFF2 packs better than those of the
third. Upright letters are left out: names in formulas are set in the face of the text around them.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parent.parent / "static/fonts/formula.woff2"

# Browsers set a single letter in italics, by its sign in the block of mathematical letters.
ITALIC_LATIN = {*range(0x1D434, 0x1D468), 0x210E} - {0x1D455}
ITALIC_GREEK = (
    {0x1D6E2 + ord(letter) - ord("Α") for letter in "ΓΔΘΛΞΠΣΥΦΨΩ"}
    | {0x1D6FC + ord(letter) - ord("α") for letter in "αβγδεζηθικλμνξπρστυφχψω"}
    | {0x1D716, 0x1D719}
)  # the other forms of epsilon and phi
SIGNS = " 0123456789()[]{}|‖⌈⌉⌊⌋⟨⟩!%,./:;<=>+−±×÷⋅·∗∘~∼≈≠≡≤≥≪≫∝→←↔↦⇒⇔∞…⋯⋮∂∇∀∃∈∉∅⊂⊆∩∪∧∨¬⊕⊗⊤⊥∣∥√∑∏∫′″ℓℝ𝔼¯‾ˆ˜˙"
# How many larger forms a sign has, beside the one that is put together of parts.
FORMS = (
    dict.fromkeys("()[]√", 4) | dict.fromkeys("{}|‖", 3) | dict.fromkeys("⌈⌉⌊⌋", 2) | dict.fromkeys("∑∏∫", 1)
)
ERROR = 2  # thousandths of the size of the type


def main(source):
    font = TTFont(source)
    _keep_forms(font)
    _draw_primes_for_superscripts(font)
    _map(font, "‾", font.getBestCmap()[0x305])  # the one that grows
    options = subset.Options(flavor="woff2", hinting=False, name_IDs=[0, 2, 13, 14])
    options.drop_tables += ["FFTM", "GDEF", "GPOS", "GSUB"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={*map(ord, SIGNS)} | ITALIC_LATIN | ITALIC_GREEK)
    subsetter.subset(font)
    _simplify_curves(font)
    # The licence asks that what was changed has a name of its own.
    for name_id, name in ((1, "Formula"), (4, "Formula"), (6, "Formula")):
        font["name"].setName(name, name_id, 3, 1, 0x409)
    subset.save_font(font, TARGET, options)
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, {len(font.getGlyphOrder())} glyphs")


def _keep_forms(font):
    """Forget the larger forms that are not in FORMS, so that the subset leaves their glyphs out."""
    kept = {font.getBestCmap()[ord(sign)]: number for sign, number in FORMS.items()}
    variants = font["MATH"].table.MathVariants
    for glyph, forms in zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True):
        # The first form is the sign itself.
        forms.MathGlyphVariantRecord = forms.MathGlyphVariantRecord[: kept.get(glyph, -1) + 1]
        if glyph not in kept:
            forms.GlyphAssembly = None
    for glyph, forms in zip(variants.HorizGlyphCoverage.glyphs, variants.HorizGlyphConstruction, strict=True):
        if glyph != font.getBestCmap()[0x305]:
            forms.MathGlyphVariantRecord, forms.GlyphAssembly = [], None


def _draw_primes_for_superscripts(font):
    """Map each prime to its form for scripts, the only place where MathML has it."""
    features = font["GSUB"].table.FeatureList.FeatureRecord
    [lookup] = next(record.Feature.LookupListIndex for record in features if record.FeatureTag == "ssty")
    [rule] = font["GSUB"].table.LookupList.Lookup[lookup].SubTable
    for sign in "′″":
        _map(font, sign, rule.alternates[font.getBestCmap()[ord(sign)]][0])


def _map(font, sign, glyph):
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(sign)] = glyph


def _simplify_curves(font):
    glyphs, drawn = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, ERROR, reverse_direction=True))
        drawn[name] = pen.glyph()
    builder = FontBuilder(font=font)
    builder.isTTF = True
    del font["CFF "]
    builder.setupMaxp()
    builder.setupGlyf(drawn)
    builder.setupHorizontalMetrics(
        {name: (width, drawn[name].xMin) for name, (width, _) in font["hmtx"].metrics.items()}
    )
    builder.setupPost(keepGlyphNames=False)
    font.sfntVersion = "\0\1\0\0"


if __name__ == "__main__":
    main(sys.argv[1])
