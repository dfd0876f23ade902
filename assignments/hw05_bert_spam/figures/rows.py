"""A pair of texts in ten places, and the three rows of numbers that describe it."""

from autograder.building.picture import Picture

TOKENS = ("[CLS]", "sun", "is", "up", "[SEP]", "good", "[SEP]", "[PAD]", "[PAD]", "[PAD]")
ROWS = {
    "input_ids": (101, 3103, 2003, 2039, 102, 2204, 102, 0, 0, 0),
    "token_type_ids": (0, 0, 0, 0, 0, 1, 1, 0, 0, 0),
    "attention_mask": (1, 1, 1, 1, 1, 1, 1, 0, 0, 0),
}


def draw(lang: str) -> Picture:
    picture = Picture(760, 300, lang)
    say = picture.say
    left, side = 152, 58
    kinds = ["data"] * 5 + ["weights"] * 2 + ["off"] * 3
    for place, (token, kind) in enumerate(zip(TOKENS, kinds)):
        x = left + place * side
        picture.text(x + side / 2, 28, str(place), 11, quiet=True)
        picture.box(x + 2, 44, side - 4, 36, token, kind, 13)
    picture.text(left - 14, 28, say("place", "جا"), 12, anchor="end", quiet=True)
    for row, (name, values) in enumerate(ROWS.items()):
        y = 100 + row * 44
        picture.text(left - 10, y + 16, name, 12, anchor="end", code=True)
        for place, value in enumerate(values):
            picture.box(left + place * side + 2, y, side - 4, 34, str(value), kinds[place], 13)
    picture.brace(left + 2, 240, 5 * side - 4, say("a with its markers", "متن a با نشانه‌هایش"))
    picture.brace(left + 5 * side + 2, 240, 2 * side - 4, say("b and its [SEP]", "متن b و ‏[SEP] آن"))
    picture.brace(left + 7 * side + 2, 240, 3 * side - 4, say("padding: nobody looks", "پرکننده: کسی نگاه نمی‌کند"))
    return picture
