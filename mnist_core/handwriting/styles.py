"""How people write digits: one pen template for each style, made from descriptions of handwriting, not from data.

    >>> style = STYLES["1 long flag"]
    >>> style.digit, len(style.masters), style.masters[0]
    (1, 4, ('0,46 20,24 36,0! 36,50 36,100',))

A template lists the points through which the pen goes, "x,y" in hundredths of the digit's height. x goes to the right;
y goes down, from 0 at the top to 100 at the base line. A smooth curve connects the points. `!` marks a sharp corner,
and ` / ` lifts the pen.

A style has one or more masters, like a variable font. They are the extremes of the style, point by point, and each
writer lies somewhere between them. A flag may end anywhere between the shortest and the longest one, for example.

American census workers and pupils wrote MNIST in the 1990s. It has few of the forms that schools elsewhere teach: the
upstroke of a European 1, the crossed 7, the East Asian hook at the left of a 7, slashed or dotted zeros. It also has
few of the forms that haste makes everywhere: a 5 with a floating bar, an open 4, a 9 with a curled foot. Four styles
describe habits of writers of "Pen-Based Recognition of Handwritten Digits" (E. Alpaydin, F. Alimoglu, 1998): 4 bolt,
5 long neck, 7 hooked, curved and crossed, 9 flat foot.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """One way to write one digit.

    digit: 0..9, or None for a mark that is no digit. frequency: relative to the other styles of the digit.
    masters: one or more, each with one string for each stroke. All have the same strokes, points and corners.
    """

    name: str
    digit: int | None
    frequency: float
    description: str
    masters: tuple[tuple[str, ...], ...]


def parsed_styles(table: str) -> dict[str, Style]:
    """The styles of a table, by name.

    Each style is a line "name; frequency; description", followed by an indented line for each master. A name that
    starts with a figure is a style of that digit.
    """
    styles: dict[str, Style] = {}
    for block in table.strip().replace("\n    ", "|").split("\n"):
        if block:
            header, *masters = block.split("|")
            name, frequency, description = header.split("; ")
            digit = int(name[0]) if name[0].isdecimal() else None
            styles[name] = Style(
                name,
                digit,
                float(frequency),
                description,
                tuple(tuple(stroke.strip() for stroke in master.split(" / ")) for master in masters),
            )
    return styles


STYLES: dict[str, Style] = parsed_styles("""
0 plain; 3; one closed loop
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0
    24,0 8,14 2,50 8,86 22,100 38,86 44,50 38,14 22,0
    38,0 16,18 2,56 10,90 36,100 62,84 66,54 54,16 36,0
0 overlapped; 1.5; the loop runs on past its start
    40,4 12,10 0,50 12,88 34,100 58,84 64,50 50,10 18,6
    38,0 10,14 2,52 10,88 28,100 50,84 54,46 42,4 20,-10
0 open; 0.7; the loop does not close at the top
    30,3 10,18 0,52 10,86 32,100 56,84 62,50 56,20 42,2
    22,6 8,20 2,50 10,88 26,100 42,84 46,50 42,20 32,0
0 curl; 0.6; a small curl where the loop closes, like a script O
    32,6 10,16 0,52 12,88 34,100 58,84 62,46 48,12 26,4 22,20 36,24 56,8
    30,4 10,16 0,50 12,88 30,100 50,84 54,44 44,10 28,8 28,18 40,18 62,2
0 slashed; 1.4; a rising slash inside the loop, to tell it from the letter O
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / 52,22 33,50 14,80
    29,0 9,14 1,50 9,86 28,100 49,86 56,50 47,14 27,0 / 45,18 28,50 11,82
    38,0 16,18 2,56 10,90 36,100 62,84 66,54 54,16 36,0 / 50,34 36,54 20,72
0 slashed through; 1.4; a rising slash that overshoots the loop
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / 74,-4 33,50 -8,104
    29,0 9,14 1,50 9,86 28,100 49,86 56,50 47,14 27,0 / 66,-6 28,50 -10,106
    38,0 16,18 2,56 10,90 36,100 62,84 66,54 54,16 36,0 / 72,14 36,54 -2,96
0 reverse slashed; 0.6; a falling slash, the Danish and Norwegian way around the letter Ø
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / 12,18 33,50 54,82
    29,0 9,14 1,50 9,86 28,100 49,86 56,50 47,14 27,0 / -2,4 28,50 58,96
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / -4,6 33,50 72,94
0 upright slash; 0.3; a vertical stroke inside, seen in Germany
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / 34,24 34,50 34,78
    38,0 16,18 2,56 10,90 36,100 62,84 66,54 54,16 36,0 / 36,20 34,54 34,84
    29,0 9,14 1,50 9,86 28,100 49,86 56,50 47,14 27,0 / 30,-12 29,50 28,112
0 dotted; 0.5; a dot in the middle
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / 33,48 34,51
    29,0 9,14 1,50 9,86 28,100 49,86 56,50 47,14 27,0 / 27,48 29,52
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / 30,52 36,46
0 ticked; 0.3; a tick through the upper right only
    34,0 10,15 0,50 10,85 34,100 58,85 66,50 56,15 32,0 / 70,2 56,20 42,38
    29,0 9,14 1,50 9,86 28,100 49,86 56,50 47,14 27,0 / 62,-2 46,16 34,34

1 plain; 2.5; a bare stem
    20,0 20,50 20,100
    25,0 20,50 22,100
    16,0 20,50 17,100
1 short flag; 2; a short upstroke before the stem
    17,20 24,10 30,0! 30,50 30,100
    6,39 19,20 30,0! 30,50 30,100
    13,28 23,14 30,0! 32,50 28,100
1 long flag; 3; the European 1: an upstroke up to three quarters as long as the stem
    0,46 20,24 36,0! 36,50 36,100
    -6,76 14,40 34,0! 34,50 34,100
    -14,58 14,32 38,0! 36,50 33,100
    -10,50 18,20 38,0! 37,50 36,100
1 long flag apart; 0.7; the upstroke as a stroke of its own
    0,46 20,24 34,2 / 36,0 36,50 36,100
    -6,74 14,40 32,4 / 36,-4 35,50 34,100
    -4,50 14,28 30,6 / 38,0 36,50 35,100
1 foot; 0.6; a stem on a short base
    24,0 24,50 24,100 / 6,100 24,100 42,100
    22,0 22,50 22,100 / -2,100 22,101 46,100
1 flag and foot; 2; as in print: upstroke, stem and base
    12,22 22,12 30,0! 30,50 30,100 / 8,100 30,100 52,100
    -1,43 15,22 30,0! 30,50 30,100 / -2,100 30,100 62,100
    6,31 18,16 30,0! 30,50 30,98 / 14,101 30,100 46,99
1 long flag and foot; 0.6; the European 1 on a base
    -6,50 14,28 34,0! 34,50 34,100 / 8,100 34,100 60,100
    -10,66 14,36 34,0! 34,50 34,100 / 14,100 34,100 54,100
1 curved; 0.4; flag, and a stem that swings out at its end
    10,29 21,15 30,0! 29,50 30,90 44,100
    15,22 23,12 30,0! 34,40 30,80 22,100

2 plain; 2.5; arch, diagonal, straight base
    4,22 24,0 50,14 44,44 20,75 0,100! 30,99 62,98
    4,16 20,0 40,12 38,40 20,72 2,98! 26,98 52,100
    0,26 26,0 58,18 46,48 22,76 -4,100! 34,100 76,96
2 looped; 2; a loop where the diagonal meets the base
    4,22 26,0 50,17 38,54 10,94 0,88 12,80 32,92 50,100 68,92
    4,18 24,0 46,14 38,50 16,88 0,98 -4,86 18,84 42,98 66,96
    0,24 28,0 58,18 42,56 6,96 -8,82 10,72 34,90 54,100 76,88
2 curled; 1; the arch starts with a curl
    18,28 6,24 8,6 30,0 50,15 44,44 22,74 0,100! 30,99 62,98
    22,20 14,26 6,14 26,0 52,12 46,42 22,74 0,98! 28,96 66,102
2 like Z; 0.8; angular, with a flat top
    2,8 28,1 58,0! 28,50 0,100! 32,99 66,98
    -2,16 24,0 56,6! 28,50 0,98! 28,98 64,100
2 waved; 1; a wavy base
    4,22 24,0 50,14 44,44 20,75 0,98! 18,90 42,100 66,90
    2,24 22,0 46,12 42,42 20,74 0,96! 16,92 40,104 70,98

3 round; 2.5; two bows that meet in a point
    4,12 26,0 48,14 40,38 18,46! 46,54 56,78 32,100 0,90
    6,8 24,0 40,12 36,32 20,40! 48,48 58,76 30,100 0,92
    0,14 24,0 50,18 42,42 16,52! 40,58 50,80 28,100 2,92
    8,6 24,0 38,10 34,26 20,34! 50,40 64,74 30,102 -14,84
3 smooth; 1.2; two bows joined by a shallow bend
    4,12 26,0 48,16 36,42 30,47 46,58 52,80 28,100 0,90
    4,14 28,0 50,18 40,42 34,48 50,60 56,82 30,100 -2,86
3 flat top; 2; a bar and a diagonal above the lower bow, which nobody can turn into an 8
    4,3 28,2 52,0! 38,20 22,40! 46,46 56,72 34,100 0,90
    2,0 26,1 50,2! 36,18 20,36! 50,42 62,74 32,100 -4,88
    6,6 26,3 46,0! 38,22 26,44! 42,48 50,74 32,100 4,94
3 looped; 1.2; a small loop in the middle
    4,12 28,0 48,16 38,40 20,48 18,40 30,44 50,60 54,82 28,100 0,90
    2,14 26,0 50,16 40,40 14,54 10,42 30,44 54,60 56,84 28,100 -2,86

4 open; 2.5; an L and a separate stem, open at the top
    14,2 6,32 0,58! 32,59 64,57 / 46,8 45,52 43,100
    12,4 10,30 8,54! 36,55 66,54 / 48,0 48,50 48,100
    20,0 8,28 -4,60! 30,58 68,54 / 50,14 46,55 40,100
4 short stem; 1.2; open, the stem only crosses the bar
    26,0 14,30 0,64! 34,63 66,62 / 44,40 43,68 42,100
    30,0 16,30 2,62! 34,63 64,64 / 40,34 40,66 39,100
4 closed; 2; a triangle, the stem drawn from its top
    44,0 22,32 0,66! 34,66 68,66 / 46,0 46,50 46,100
    40,0 22,28 4,56! 32,57 58,58 / 42,-2 42,50 42,100
    50,0 24,34 -6,70! 32,70 70,70 / 48,4 48,50 48,100
4 one stroke; 1; closed, without lifting the pen
    66,64 34,65 0,66! 22,34 46,0! 46,50 46,100
    60,60 32,62 2,64! 20,34 40,0! 42,50 40,100
4 lightning; 0.8; down, across, and back to the stem without lifting the pen
    14,4 8,30 0,56! 24,58 46,54 52,30 50,6! 47,52 44,100
    12,0 8,28 2,52! 22,54 42,48 50,30 50,10! 48,52 46,100
4 short bar; 0.8; the bar ends at the stem, as in the Cyrillic letter Che
    8,2 6,26 8,50! 28,54 50,50 / 52,0 50,50 48,100
    4,8 2,30 0,58! 26,59 50,57 / 50,2 50,50 49,100
4 bolt; 0.8; one stroke like a lightning bolt: down, half-way up to the right, and down
    16,0 8,26 0,50! 20,46 40,32! 40,66 36,100
    22,0 12,28 2,56! 22,54 44,42! 42,72 38,100
    10,0 6,24 0,46! 22,44 46,20! 44,60 42,100

5 one stroke; 2; bar, neck and belly in one
    56,2 34,3 12,4! 7,44! 34,38 58,64 44,92 22,100 0,91
    46,0 32,1 16,2! 6,54! 30,50 46,72 38,93 20,100 2,95
    66,-2 36,1 8,4! 4,36! 38,30 66,58 52,91 24,100 -4,88
5 separate bar; 2.5; belly first, then the bar from its top
    10,4 7,44! 34,38 58,64 44,92 22,100 0,91 / 9,4 32,2 56,0
    16,4 6,54! 30,50 46,72 38,93 20,100 2,95 / 16,2 30,0 44,-2
    8,4 4,36! 38,30 66,58 52,91 24,100 -4,88 / 6,3 38,3 76,-2
5 floating bar; 2.5; the bar touches nothing
    10,4 7,44! 34,38 58,64 44,92 22,100 0,91 / 28,-12 48,-14 70,-16
    16,4 6,54! 30,50 46,72 38,93 20,100 2,95 / 18,-18 38,-20 58,-22
    8,4 4,36! 38,30 66,58 52,91 24,100 -4,88 / 34,2 58,0 86,-4
    16,4 6,54! 30,50 46,72 38,93 20,100 2,95 / 42,0 58,-2 76,-4
5 low bar; 0.5; the bar crosses the neck
    10,4 7,44! 34,38 58,64 44,92 22,100 0,91 / -4,10 26,9 56,8
    16,4 6,54! 30,50 46,72 38,93 20,100 2,95 / 4,12 26,11 50,10
5 curved; 1; no corner at the neck
    54,2 32,2 14,6 8,28 14,40 44,48 54,72 38,96 0,92
    58,0 36,2 16,6 10,30 18,38 46,46 54,74 36,98 -2,90
5 long neck; 0.5; bar, a long slanting neck and hardly a belly, like a long s
    60,2 36,2 14,8! 22,32 32,58 26,86 0,98
    52,0 34,0 18,6! 24,36 36,66 28,92 4,100
    66,6 40,4 12,6! 18,34 30,60 30,88 6,96

6 plain; 2.5; a bow and a loop
    46,2 18,24 2,62 12,94 34,100 54,80 42,58 20,60 6,76
    42,0 20,20 4,54 8,90 28,100 44,88 36,74 20,74 6,84
    52,6 18,22 0,60 14,94 40,100 62,76 46,52 20,56 4,74
6 straight; 1.5; a straight stem
    34,0 18,34 4,68 10,95 30,100 48,84 38,64 18,66 5,80
    22,0 12,36 2,70 8,95 26,100 44,84 36,64 16,66 3,78
6 curled; 1; the bow starts with a curl, the loop ends with one
    52,14 40,0 14,20 0,60 12,94 34,100 54,80 42,60 22,62 16,76 28,82
    50,10 36,0 12,22 0,62 12,95 34,100 52,82 42,64 24,66 18,76 26,84
6 open; 0.8; the loop does not reach the bow
    46,2 18,24 2,60 10,92 32,100 52,82 42,64 26,62
    38,0 16,26 2,64 10,94 30,100 48,84 40,68 28,70
6 like b; 0.8; an upright stem
    12,0 4,34 0,70 6,94 26,100 46,84 38,62 18,60 2,74
    14,0 4,30 0,66 8,95 30,100 52,82 42,58 20,56 2,70

7 plain; 2; a bar and a slanting stem
    0,4 30,3 60,0! 40,48 24,100
    0,0 26,2 52,2! 42,50 34,100
    -4,8 30,5 66,0! 38,48 14,100
    -6,-4 26,0 58,6! 48,50 40,100
7 crossed; 3; a short bar through the stem, the European 7
    0,4 30,3 60,0! 42,48 26,100 / 18,52 40,50 62,48
    0,2 26,2 52,2! 42,50 36,100 / 22,46 43,45 64,44
    -4,8 30,5 66,0! 40,48 14,100 / 14,58 36,54 60,50
7 hooked; 1.5; a serif at the left of the bar, as East Asian schools teach it
    2,22 2,13 3,4! 30,3 60,2! 42,48 26,100
    0,38 1,20 2,2! 28,2 56,2! 48,50 44,100
    -2,18 0,10 4,2! 34,4 66,2! 42,46 22,100
7 hooked and crossed; 1; serif and bar
    2,18 2,11 3,4! 30,3 60,2! 42,48 26,100 / 20,58 39,56 60,54
    -1,24 1,13 2,2! 28,2 58,2! 46,50 36,100 / 26,52 46,51 66,50
7 curved; 1; a stem that bends
    0,4 30,5 60,0! 38,32 28,64 26,100
    0,6 28,6 58,2! 46,30 34,62 14,100
    0,2 28,4 60,0! 34,30 22,64 22,100
7 waved; 0.6; a wavy bar, as in copperplate
    0,14 14,1 36,9 62,0! 42,46 28,100
    0,18 10,0 38,8 64,-4! 40,46 20,100
7 curved and crossed; 1; a bent stem with a bar
    0,4 30,5 60,0! 38,32 28,64 26,100 / 12,50 33,49 56,47
    0,6 28,6 60,2! 44,30 34,62 24,100 / 16,54 36,51 60,48
7 hooked, curved and crossed; 1; a hook at the left, one bend for bar and stem, and a low bar through it
    2,24 4,8 20,2 44,4 52,18 38,50 28,100 / 6,60 32,55 60,52
    0,16 6,4 24,6 46,2 56,10 46,48 36,100 / 14,56 40,52 70,48
    4,30 2,12 16,2 38,2 50,14 36,52 18,100 / 0,64 28,60 54,56

8 one stroke; 2.5; an S that climbs back
    48,12 28,0 6,14 14,38 42,58 52,82 28,100 4,84 12,60 40,40 50,18 44,6
    42,10 26,0 10,14 16,36 40,56 54,80 28,100 0,82 12,56 36,36 44,18 40,6
    52,14 28,0 2,18 14,44 40,62 48,84 26,100 6,86 14,64 42,44 54,20 48,8
8 two circles; 2; one circle on another
    28,0 10,10 8,28 26,42 46,30 46,12 27,0 / 27,42 6,56 2,82 28,100 54,84 50,56 28,42
    26,0 12,8 12,26 26,36 40,26 40,8 25,0 / 27,36 2,52 -2,82 28,100 58,84 54,52 28,36
    28,0 6,12 4,34 26,48 50,36 48,12 27,0 / 27,49 8,60 6,84 27,100 48,86 46,60 28,49
8 open top; 1.2; the S does not meet its end
    46,10 28,0 8,14 14,38 42,58 52,82 28,100 4,84 12,60 38,40 58,8
    42,6 24,0 6,16 16,40 42,60 50,84 26,100 4,84 14,60 40,38 60,0
8 from the middle; 1.2; started where the loops meet
    28,46 8,30 10,8 28,0 46,10 44,32 28,46 8,62 4,86 28,100 52,88 48,62 28,46
    28,42 12,28 12,8 28,0 44,8 42,28 27,42 2,60 0,86 28,100 56,88 52,60 30,42
8 diagonal; 1.2; one bow down, and straight up across it
    48,10 28,0 6,14 22,42 48,74 28,100 4,84 22,54 56,2
    50,14 30,0 10,12 22,38 50,76 26,100 0,80 20,50 46,4

9 straight; 2.5; a loop and a straight stem
    48,16 28,0 6,10 2,34 20,48 42,36 52,8! 50,54 48,100
    46,12 28,0 10,8 8,28 22,38 40,28 48,6! 48,54 48,100
    52,20 30,0 4,12 0,38 20,54 44,40 56,8! 50,54 42,100
9 curled foot; 2.5; the stem ends in a curl to the left, like a g
    48,16 28,0 6,10 2,34 20,48 42,36 52,8! 52,46 48,84 26,100 2,88
    46,12 28,0 10,8 8,28 22,38 40,28 48,6! 50,46 46,82 22,100 -4,86
    52,18 30,0 6,12 2,38 20,52 44,38 54,10! 52,54 50,88 32,100 12,94
    46,14 28,0 8,8 4,30 22,42 42,30 50,8! 52,48 46,90 14,102 -10,76
9 bowed; 2; loop and stem in one bow
    50,20 30,0 6,10 4,34 24,46 44,34 52,12 50,52 20,100
    48,16 30,0 8,8 6,30 24,42 42,32 50,14 46,54 30,100
    54,26 30,0 2,14 0,44 26,58 50,44 56,18 50,64 18,100
9 open; 0.8; the loop does not reach the stem
    44,3 24,0 5,12 2,34 20,48 42,38 54,8! 51,54 48,100
    41,0 22,0 5,12 4,34 22,46 42,36 52,10! 50,54 46,100
9 two strokes; 1; a circle, then a stem
    48,18 28,0 6,12 4,36 24,48 44,38 49,20 / 50,4 49,50 47,100
    44,16 28,2 10,12 10,30 26,40 42,32 46,16 / 48,0 48,50 48,100
9 flat foot; 1; the stem turns at the base and runs flat to the left
    48,14 28,0 6,12 4,34 22,46 42,34 52,12! 56,50 50,88 26,97 -6,94
    44,12 26,0 8,10 8,30 24,42 40,30 50,10! 52,52 48,92 28,100 2,99
    54,18 32,0 4,12 0,36 24,50 46,36 56,12! 62,48 58,82 34,94 -14,86
""")
"""All styles by name. There are some for each of the ten digits."""

PLAIN = (
    "0 plain",
    "1 plain",
    "2 plain",
    "3 round",
    "4 open",
    "5 one stroke",
    "6 plain",
    "7 plain",
    "8 one stroke",
    "9 straight",
)
"""For each digit, the most frequent style in MNIST. Every model trained on MNIST should recognise these."""
