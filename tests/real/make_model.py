"""Writes a tiny llama model of random weights as GGUF: `python make_model.py FILE`.

Runs in the environment of the model's server, which has `gguf` and `numpy`; it imports nothing of
ours. Only whole words and a few signs are likely, so that replies are readable nonsense.
"""

import sys

import gguf
import numpy as np

SEED = 7
CONTEXT = 4096
WIDTH, INNER, HEADS, LAYERS = 64, 128, 4, 2
SPACE = "\u2581"
_WORDS = (
    "the a of and to in is it you that he she was for on are with as his her they at be this have "
    "from or one had by but not what all were we when there can an your which their said if will "
    "tavern road lantern rain door mug fire night rider story bread river bell coin winter friend "
    "smiles nods waits laughs listens pours whispers turns asks knows Mira Ann"
)
WORDS = _WORDS.split()
SIGNS = list(".,!?;:'\"-*()[]{}<>|/#_\n") + [str(digit) for digit in range(10)]
LETTERS = [chr(code) for start in ("a", "A") for code in range(ord(start), ord(start) + 26)]
# Layout of the chat as most small models have it.
TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class Vocabulary:
    """Pieces in the order of their ids. `likely` are those that the model should prefer."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.scores: list[float] = []
        self.types: list[int] = []
        self.likely: list[int] = []
        kinds = gguf.TokenType
        self.unknown = self._add("<unk>", 0.0, kinds.UNKNOWN)
        self.start = self._add("<s>", 0.0, kinds.CONTROL)
        self.end = self._add("</s>", 0.0, kinds.CONTROL)
        for byte in range(256):
            self._add(f"<0x{byte:02X}>", 0.0, kinds.BYTE)
        self._add("<|im_start|>", 0.0, kinds.CONTROL)
        self.turn_end = self._add("<|im_end|>", 0.0, kinds.CONTROL)
        self._words()

    def _add(self, piece: str, score: float, kind: int) -> int:
        self.pieces.append(piece)
        self.scores.append(score)
        self.types.append(int(kind))
        return len(self.pieces) - 1

    def _words(self) -> None:
        """SentencePiece joins pairs, so every beginning of a word has to be a piece itself."""
        starts = [SPACE, *LETTERS, *SIGNS]
        for word in WORDS:
            whole = SPACE + word
            starts += [whole[:length] for length in range(2, len(whole) + 1)]
        whole_words = {SPACE + word for word in WORDS} | set(".,!?")
        for rank, piece in enumerate(dict.fromkeys(starts), 1):
            number = self._add(piece, -float(rank), gguf.TokenType.NORMAL)
            if piece in whole_words:
                self.likely.append(number)


def write(path: str) -> None:
    """The whole model."""
    words = Vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, words)
    _weights(writer, words)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: "gguf.GGUFWriter", words: Vocabulary) -> None:
    writer.add_name("tavern-nonsense")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(words.pieces))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([piece.encode() for piece in words.pieces])
    writer.add_token_scores(words.scores)
    writer.add_token_types(words.types)
    writer.add_unk_token_id(words.unknown)
    writer.add_bos_token_id(words.start)
    writer.add_eos_token_id(words.end)
    writer.add_eot_token_id(words.turn_end)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(True)
    writer.add_chat_template(TEMPLATE)


def _weights(writer: "gguf.GGUFWriter", words: Vocabulary) -> None:
    chance, size = np.random.default_rng(SEED), len(words.pieces)

    def small(*shape: int) -> "np.ndarray":
        return (chance.standard_normal(shape) * 0.05).astype(np.float32)

    embedding = chance.standard_normal((size, WIDTH)).astype(np.float32)
    # A feature that never changes works as a bias of the last layer.
    embedding[:, 0] = 4.0
    output = (chance.standard_normal((size, WIDTH)) * 0.35).astype(np.float32)
    output[:, 0] = -6.0
    output[words.likely, 0] = 0.0
    output[[words.end, words.turn_end], 0] = -1.0
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}.{name}.weight", np.ones(WIDTH, dtype=np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{block}.{name}.weight", small(WIDTH, WIDTH))
        for name in ("ffn_gate", "ffn_up"):
            writer.add_tensor(f"{block}.{name}.weight", small(INNER, WIDTH))
        writer.add_tensor(f"{block}.ffn_down.weight", small(WIDTH, INNER))


if __name__ == "__main__":
    write(sys.argv[1])
