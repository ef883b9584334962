"""Tiny tokenizers trained on the spot, so that no vocabulary has to be shipped."""

import functools
import io

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

CORPUS = ["low lower lowest new newer newest wide wider widest"] * 20
SAMPLES = {
    "en": "The keeper lit the lamp again, though nobody had asked.",
    "ja": "灯台守はもう一度ランプを灯した。誰にも頼まれていないのに。",
    "zh": "守塔人又点亮了灯,虽然没有人要求他这样做。",
    "pt": "O faroleiro acendeu a lâmpada de novo, embora ninguém pedisse.",
    "emoji": "👩‍🚀🏳️‍🌈 🎲🎲 ok 😀",
    "code": "def count(text: str) -> int:\n    return len(text.split())\n",
    "story": (
        "The road down to the harbour had been mended so often that nobody could say which stones "
        "were the old ones. Tobin counted them anyway. “Forty-one,” he said, “forty-two… and that "
        "one I don't trust.” *Mira laughs and takes the lantern from his hand.* It was the third "
        "of October, the wind came from the north-east at some 20 knots, and every rope in the "
        "basin sang its own note.\n\nAt the end of the pier the keeper's boat lay bottom up, "
        "tarred and waiting. “You'll want it before the week is out,” the harbour master had told "
        "them; he was seldom wrong about weather and never about money. Tobin put his ear to the "
        "planks. Something scratched back, twice, patiently, as if it had all the time in the "
        "world.\n\n“Rats,” said Mira.\n“Rats don't knock.” He stepped away, one, two, three "
        "paces, and pulled his cap down. “We go back, we ask for the key, and we say nothing of "
        "this at supper. Agreed?” She held the light higher and did not answer for a good while. "
        "The bell on the breakwater rang the half hour, and neither of them moved."
    ),
}


@functools.cache
def tiny_hf() -> str:
    """A byte-pair tokenizer.json."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=80, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return str(tokenizer.to_str())


@functools.cache
def tiny_spm() -> bytes:
    """A SentencePiece model."""
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=model, vocab_size=20, minloglevel=2
    )
    return model.getvalue()
