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

# The same kind of session in the other languages that are spoken offline.

GERMAN = tuple(
    """
Willkommen. Such dir einen ruhigen Platz und roll deine Matte aus.
Geh eine Minute umher, bis dein Atem ruhig geworden ist.
Leg dich auf den Rücken, die Knie gebeugt, die Füße flach auf dem Boden.
Lass die Arme neben dir ruhen, die Handflächen nach oben.
Stellung des Kindes.
Knie dich hin, bring die großen Zehen zusammen und setz dich auf die Fersen.
Wandere mit den Händen nach vorn, bis deine Stirn auf der Matte liegt.
Du solltest einen sanften Zug im Rücken spüren, niemals ein Stechen.
Katze und Kuh.
Bewege dich langsam und lass den Atem führen.
Halte das Becken gerade, als stünde eine Tasse Tee darauf.
Jetzt die andere Seite. Linke Seite.
Stell den rechten Fuß weit nach vorn und senke das hintere Knie zum Boden.
Schließ die Augen. Jetzt gibt es nichts zu tun.
Das ist alles für heute. Trink etwas Wasser.
Beginne.
Und löse.
""".strip().splitlines()
)
GERMAN_BREATH = ("Atme ein.", "Atme aus.", "Ein.", "Aus.", "Halte.", "Ruhe.")
GERMAN_COUNT = ("Drei.", "Zwei.", "Eins.", "Vier.", "Fünf.", "Sechs.", "Sieben.", "Acht.", "Neun.", "Zehn.")

SPANISH = tuple(
    """
Bienvenido. Busca un lugar tranquilo y extiende tu esterilla.
Camina un minuto hasta que tu respiración se calme.
Túmbate boca arriba con las rodillas dobladas y los pies en el suelo.
Deja descansar los brazos a los lados, con las palmas hacia arriba.
Postura del niño.
Arrodíllate, junta los dedos gordos y siéntate sobre los talones.
Lleva las manos hacia delante hasta que la frente descanse en la esterilla.
Debes sentir un estiramiento suave en la espalda, nunca un pinchazo.
Gato y vaca.
Muévete despacio y deja que la respiración te guíe.
Ahora el otro lado. Lado izquierdo.
Da un paso largo con el pie derecho y baja la rodilla de atrás al suelo.
Cierra los ojos. Ahora no hay nada que hacer.
Eso es todo por hoy. Bebe un poco de agua.
Empieza.
Y suelta.
""".strip().splitlines()
)
SPANISH_BREATH = ("Inhala.", "Exhala.", "Mantén.", "Descansa.", "Dentro.", "Fuera.")
SPANISH_COUNT = ("Tres.", "Dos.", "Uno.", "Cuatro.", "Cinco.", "Seis.", "Siete.", "Ocho.", "Nueve.", "Diez.")

FRENCH = tuple(
    """
Bienvenue. Trouve un endroit calme et déroule ton tapis.
Marche une minute, jusqu'à ce que ton souffle se calme.
Allonge-toi sur le dos, les genoux pliés et les pieds à plat sur le sol.
Laisse reposer les bras le long du corps, les paumes vers le haut.
Posture de l'enfant.
Mets-toi à genoux, rapproche les gros orteils et assieds-toi sur les talons.
Avance les mains jusqu'à ce que ton front repose sur le tapis.
Tu dois sentir un étirement doux dans le dos, jamais une douleur vive.
Bouge lentement, et laisse le souffle te guider.
Maintenant, l'autre côté. Côté gauche.
Ferme les yeux. Il n'y a plus rien à faire.
C'est tout pour aujourd'hui. Bois un peu d'eau.
Commence.
Et relâche.
""".strip().splitlines()
)
FRENCH_BREATH = ("Inspire.", "Expire.", "Retiens.", "Repose-toi.")
FRENCH_COUNT = ("Trois.", "Deux.", "Un.", "Quatre.", "Cinq.", "Six.", "Sept.", "Huit.", "Neuf.", "Dix.")

ITALIAN = tuple(
    """
Benvenuto. Cerca un posto tranquillo e stendi il tappetino.
Cammina per un minuto, finché il respiro si calma.
Sdraiati sulla schiena con le ginocchia piegate e i piedi a terra.
Lascia riposare le braccia lungo i fianchi, con i palmi verso l'alto.
Posizione del bambino.
Inginocchiati, unisci gli alluci e siediti sui talloni.
Porta le mani in avanti finché la fronte riposa sul tappetino.
Dovresti sentire un allungamento dolce nella schiena, mai una fitta.
Muoviti piano, e lascia che il respiro ti guidi.
Adesso l'altro lato. Lato sinistro.
Chiudi gli occhi. Ora non c'è niente da fare.
Per oggi è tutto. Bevi un po' d'acqua.
Comincia.
E rilascia.
""".strip().splitlines()
)
ITALIAN_BREATH = ("Inspira.", "Espira.", "Trattieni.", "Riposa.")
ITALIAN_COUNT = ("Tre.", "Due.", "Uno.", "Quattro.", "Cinque.", "Sei.", "Sette.", "Otto.", "Nove.", "Dieci.")

LANGUAGES = {
    "en": (NARRATION, BREATH, COUNT),
    "de": (GERMAN, GERMAN_BREATH, GERMAN_COUNT),
    "es": (SPANISH, SPANISH_BREATH, SPANISH_COUNT),
    "fr": (FRENCH, FRENCH_BREATH, FRENCH_COUNT),
    "it": (ITALIAN, ITALIAN_BREATH, ITALIAN_COUNT),
}
"""What each language says as narration, as breath words and as counts."""
