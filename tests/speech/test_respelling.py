"""Respelling: what is written as sah-VAH-suh-nuh comes out so, in every voice; and what cannot be read is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import RoutineError
from audioguide.speech.engines.hibari import add_phonemes
from audioguide.speech.lexicon import find_lexicon
from audioguide.speech.respelling import is_respelling, to_hibari_phonemes, to_ipa, to_letters
from audioguide.speech.voices import find_profile

# What is written, its sounds, and what voices get that take letters.
READ = """
sah-VAH-suh-nuh  sɑ.ˈvɑ.sə.nə  sah vahsuhnuh
shuh-VAH-sa-na  ʃə.ˈvɑ.sə.nə  shuh vahsana
oot-TAH-nah-suh-nuh  ut.ˈtɑ.nɑ.sə.nə  oot tahnahsuhnuh
oo-JY-ee  u.ˈdʒaɪ.i  oo jyee
prah-nuh-YAH-muh  prɑ.nə.ˈjɑ.mə  prahnuh yahmuh
NAH-dee  ˈnɑ.di  nahdee
SHOH-duh-nuh  ˈʃoʊ.də.nə  shohduhnuh
yoh-guh-NID-ruh  joʊ.ɡə.ˈnɪd.rə  yohguh nidruh
nuh-muh-STAY  nə.mə.ˈsteɪ  nuhmuh stay
SOH-us  ˈsoʊ.əs  soh us
pir-uh-FOR-mis  pɚ.ə.ˈfɔr.mɪs  piruh formis
VEER-uh-buh-DRAH-suh-nuh  ˌvɪr.ə.bə.ˈdrɑ.sə.nə  veeruhbuh drahsuhnuh
thuh-RAS-ik  θə.ˈræs.ɪk  thuh rasik
FY-broh-my-AL-juh  ˌfaɪ.broʊ.maɪ.ˈæl.dʒə  fybrohmy aljuh
MEH-zher  ˈmɛ.ʒɚ  mehzher
PIN-chuh  ˈpɪn.tʃə  pinchuh
KOW-ching  ˈkaʊ.tʃɪŋ  kowching
dhis  ˈðɪs  dhis
boyz  ˈbɔɪz  boyz
sit-uh-BOHN  sɪt.ə.ˈboʊn  situh bohn
puut  ˈpʊt  puut
skwaht  ˈskwɑt  skwaht
chee  ˈtʃi  chee
so us  ˈsoʊ ˈʌs  so us
"""


@pytest.mark.parametrize("line", READ.strip().splitlines())
def test_it_is_read_as_it_is_meant(line):
    written, sounds, letters = line.split("  ")
    assert to_ipa(written) == sounds
    assert to_hibari_phonemes(sounds)
    assert to_letters(written) == letters


@pytest.mark.parametrize("written", "mala sah-VXH te-NOH ça-VA q T sah--nah -sah a1-bah –".split())
def test_what_can_be_read_in_no_way_or_in_several_is_refused(written):
    with pytest.raises(ValueError, match=r"The syllable '.*' cannot be read"):
        to_ipa(written)


@given(st.text("aehiouynstdkrm-AEHTN '", min_size=1, max_size=30))
def test_whatever_is_written_is_read_or_refused(written):
    assert "-" not in to_letters(written)
    try:
        sounds = to_ipa(written)
    except ValueError:
        return
    assert to_hibari_phonemes(sounds) or not written.strip()


def test_one_line_in_ones_own_lexicon_is_for_every_voice(home):
    (home / "voices").mkdir(parents=True)
    mine = home / "voices/lexicon.yaml"
    mine.write_text(
        "savasana: sah-VAH-suh-nuh\npsoas: {ipa: ˈsoʊ.əs, say: SOH-az}\nzebra: zeb bra\nmalasana: mala sahna\n"
    )
    heart, pico = find_profile("heart"), find_profile("pico-us")
    said = add_phonemes("Savasana, psoas, zebra, mala", find_lexicon(heart, "ipa"))
    assert said == "[Savasana](/sɑvˈɑsənə/), [psoas](/sˈOəs/), [zebra](/zˈɛb bɹˈɑ/), mala"
    assert find_lexicon(pico, "say").replace("Savasana, psoas") == "Sah vahsuhnuh, soh az"
    mine.write_text("# mine\nsavasana: {say: sah-VXH-nuh}\n")
    with pytest.raises(RoutineError, match=r"lexicon\.yaml:2:17: The syllable 'VXH' cannot be read\. Give each"):
        find_lexicon(heart, "ipa")


def test_another_language_has_its_own_letters(home):
    (home / "voices").mkdir(parents=True)
    (home / "voices/lexicon-de.yaml").write_text("Sukhasana: su-KHÄ-sa-na\n")
    assert find_lexicon(find_profile("pico-de"), "say").replace("Sukhasana") == "Su khäsana"


def test_a_plain_spelling_is_none():
    assert not any(map(is_respelling, ["so us", "mala sahna", "I", "eye tee band"]))
