"""What a calm session says, for the figures of a voice: the shipped routines' own texts, and these besides."""

NARRATION = tuple(
    line
    for line in """
Welcome. Find a quiet place and roll out your mat.
Walk around for a minute until your breath has settled.
This takes about fifteen minutes. Skip whatever hurts.
Lie on your back with both knees bent and your feet flat on the floor.
Let your arms rest beside you, palms up.
Tilt your pelvis so that your lower back meets the floor.
Keep your shoulders heavy and your jaw loose.
Child's pose.
Kneel, bring your big toes together, and sit back on your heels.
Walk your hands forward until your forehead rests on the mat.
If your knees complain, put a cushion behind them.
You should feel a gentle pull along your back, never a pinch.
Cat and cow.
Come onto all fours, hands under your shoulders, knees under your hips.
Let your belly sink as you breathe in, and round your back as you breathe out.
Move slowly, and let the breath lead.
Bird dog.
Reach your right arm forward and your left leg back.
Keep your hips level, as if a cup of tea stood on them.
Draw your navel gently in.
Bridge.
Press through your heels and lift your hips until your thighs and your trunk are in one line.
Squeeze at the top without holding your breath.
Lower one vertebra at a time.
Standing hamstring stretch.
Place one heel on a low step and straighten that knee without locking it.
Fold forward from the hips with a long back.
Do not bounce. Stay where you can still talk.
Downward dog split.
From all fours, tuck your toes and lift your hips up and back.
Bend your knees as much as you like.
Raise the left leg behind you, and keep both hips facing the floor.
Now the other side.
Change sides whenever you are ready.
Left side.
Right side.
Second round.
Hip flexor stretch.
Step your right foot forward into a long lunge and lower your back knee to the floor.
Tuck your tail under before you lean forward.
Pigeon pose, on your back.
Cross your left ankle over your right thigh and pull the right thigh towards you.
Seated spinal twist.
Sit tall, and turn from the ribs, not from the neck.
Look over your shoulder only as far as it is comfortable.
Doorway chest opener.
Rest your forearms on the frame and step gently through.
Roll slowly from the hip down to just above the knee.
Pause on a tender spot until it softens.
Wrap the ice in a cloth before you put it on your skin.
Stop if the skin turns white or numb.
Corpse pose.
Let your legs fall open and close your eyes.
There is nothing to do now.
Notice the weight of your arms, and the floor that carries you.
When you are ready, roll to one side and rest there for a breath.
Push yourself up slowly. Your head comes up last.
That is all for today. Drink some water.
Well done. Two or three times a week is plenty.
Begin.
And release.
Release, and rest.
Come back to the middle.
Gently come out of the pose.
""".strip().splitlines()
)

BREATH = ("Breathe in.", "Breathe out.", "In.", "Out.", "Hold.", "Rest.", "Arch your back.", "Round your back.")

COUNT = ("Three.", "Two.", "One.", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
