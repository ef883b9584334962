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
