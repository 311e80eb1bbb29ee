"""Files that nobody here wrote, translated in place and read back by libraries that nobody here wrote.

    python -m bench.corpus [--fetch] [--formats docx pptx …] [--most 200]

``--fetch`` gets them first, out of packages, into ``var/translation-corpus``; none of them is kept with the code. Each
is translated by the rule of the demo (``⟪uk⟫`` before each segment) and must then say the same but for that, in the
same looks, with every other part byte for byte. Printed is the share that does, with the names of those that do not.
"""
