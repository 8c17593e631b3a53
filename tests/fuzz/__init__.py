"""A fuzzer: hostile inputs by the hundred thousand, against what reads them.

Own, and small: HypoFuzz drives properties of hypothesis and not bytes, and atheris (libFuzzer) has no wheel for
Windows, ends at the first find, and takes a hang or a full memory for the end of the run. Here each of these is a find.

`targets/` says what is run, `mutator` makes inputs from real ones, `worker` runs them under limits in processes of
their own, `runner` counts, `minimiser` makes finds small, and `corpus/` keeps them. The guide to depth is cheap: an
input that comes out as none did before, by the shape of the refusal (`outcome`), is one that later ones are made of.
"""
