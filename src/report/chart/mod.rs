//! Charts, one per file: each is drawn once as SVG.
