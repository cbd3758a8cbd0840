#!/bin/sh
# How the fonts beside this file were made, from Debian's package fonts-inter (4.0~beta7+ds-1) with
# fontTools. Run in this folder: ./subset.sh [folder of the package's fonts]
# Only kerning is kept of the layout features: contextual alternates would turn "->" into an arrow
# and "3x" into a product.
set -eu
from=${1:-/usr/share/fonts/opentype/inter}
characters='U+0020-007E,U+00A0-00FF,U+2009,U+202F,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030'
characters="$characters,U+2039,U+203A,U+207B,U+2070,U+2074-2079,U+2190-2199,U+21D2,U+2205,U+2212,U+221E"
characters="$characters,U+2248,U+2260,U+2264,U+2265,U+25A0,U+25A1,U+25B2,U+25B3,U+25B6,U+25BC"
characters="$characters,U+25C6,U+25C7,U+25CB,U+25CF,U+2460-2468,U+2713,U+2717,U+03BC"
for weight in Regular SemiBold; do
    pyftsubset "$from/Inter-$weight.otf" --unicodes="$characters" --layout-features=kern \
        --name-IDs='*' --no-hinting --desubroutinize --drop-tables+=DSIG \
        --output-file="Inter-$weight.subset.otf"
done
