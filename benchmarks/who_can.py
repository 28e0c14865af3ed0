"""Who may do what, for 10,000 principals x 1,000 actions x 1,000 resources on one core, and in an account.

The matrix decides all ten thousand million cells, each for certain and as far as possible (`_who_can_world.py`
says what the policies are like). Of 10,000 sampled cells the engine decides each alone: where it says no
under every context that is tried, the matrix must not say certain, and where it says yes under one, the
matrix must not say no; and in a second matrix, of which nothing is unknown, each of 10,000 cells must be the engine's
own decision. One that differs ends the benchmark. The ratio is the cost of a cell in the
matrix over that of a decision, both measured here.

    python benchmarks/who_can.py [--json]
"""
