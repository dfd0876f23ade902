"""A gated recurrent unit: two gates decide what is asked for and what is kept."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 370, lang)
    say = picture.say
    picture.box(24, 50, 84, 44, "h_{t−1}", "data")
    picture.box(24, 284, 84, 44, "x_{t}", "data")
    picture.box(210, 250, 70, 44, "r", "weights", 16)
    picture.box(390, 250, 70, 44, "n", "weights", 16)
    picture.box(390, 130, 70, 44, "z", "weights", 16)
    picture.circle(300, 200, 15, "⊙", "plain", 16)
    picture.circle(520, 72, 15, "⊙", "plain", 16)
    picture.circle(520, 272, 15, "⊙", "plain", 16)
    picture.circle(612, 72, 15, "+", "plain", 18)
    picture.box(664, 50, 76, 44, "h_{t}", "result")
    picture.arrow((108, 72), (504, 72), words=say("kept: z ⊙ h_{t−1}", "نگه‌داشته: z ⊙ h_{t−1}"), size=13)
    picture.arrow((536, 72), (596, 72)), picture.arrow((628, 72), (662, 72))
    picture.arrow((150, 72), (150, 200), (284, 200))
    picture.text(216, 188, "W_{hn}", 13, quiet=True)
    picture.arrow((150, 200), (150, 264), (208, 264))
    picture.arrow((245, 250), (245, 224), (290, 212))
    picture.arrow((315, 200), (425, 200), (425, 248))
    picture.arrow((150, 152), (388, 152))
    picture.arrow((108, 306), (174, 306), (174, 280), (208, 280))
    picture.arrow((174, 306), (340, 306), (340, 280), (388, 280))
    picture.arrow((340, 280), (340, 164), (388, 164))
    picture.arrow((460, 272), (504, 272))
    picture.arrow((460, 152), (520, 152), (520, 89))
    picture.arrow((520, 152), (520, 255), words="1 − z", size=13, offset=(24, 0))
    picture.arrow((536, 272), (612, 272), (612, 89), words=say("new", "تازه"), size=13, offset=(22, 0))
    picture.text(660, 214, "z = 0.9\nh_{t−1} = 0.8\nn = −0.5", 13, anchor="start")
    picture.text(660, 300, "h_{t} = 0.9·0.8\n− 0.1·0.5\n= 0.67", 13, anchor="start")
    picture.text(
        380,
        350,
        say(
            "r: how much of the past n may ask for;  z: how much of it stays",
            "‏r: چه سهمی از گذشته در n به کار می‌آید؛ z: چه سهمی از آن می‌ماند",
        ),
        13,
        quiet=True,
    )
    return picture
