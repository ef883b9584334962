"""Writes a tiny random model of the llama family: `python tiny_gguf.py FILE` (needs gguf, numpy).

It answers with nonsense of plain words, which is all that a test of the wire needs. Run in a
virtual environment of its own, so it imports nothing of the product.
"""

import sys

import gguf
import numpy as np

PROSE = """the a of and to in is you that it he was for on are with as his they at be this have
lamp door sea rain bread song night lantern keeper harbour"""
WORDS = PROSE.split()
SIGNS = list(".,!?'-\n*:") + [chr(code) for code in (*range(65, 91), *range(97, 123))]
SPACE = "\u2581"
WIDTH, HIDDEN, HEADS, LAYERS, CONTEXT = 64, 128, 4, 2, 4096
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def vocabulary() -> list[tuple[str, float, int]]:
    """Token, score and type; every beginning of a word exists, so that pieces can join up."""
    kinds = gguf.TokenType
    rows = [
        ("<unk>", 0.0, kinds.UNKNOWN),
        ("<s>", 0.0, kinds.CONTROL),
        ("</s>", 0.0, kinds.CONTROL),
    ]
    rows += [(f"<0x{byte:02X}>", 0.0, kinds.BYTE) for byte in range(256)]
    rows += [(mark, 0.0, kinds.CONTROL) for mark in ("<|im_start|>", "<|im_end|>")]
    known = {row[0] for row in rows}
    pieces = [SPACE, *SIGNS]
    for word in WORDS:
        pieces += [(SPACE + word)[:size] for size in range(2, len(word) + 2)]
    for piece in pieces:
        if piece not in known:
            known.add(piece)
            rows.append((piece, -float(len(rows)), kinds.NORMAL))
    return rows


def main(path: str) -> None:
    """Writes the file."""
    rows = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(rows))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token.encode() for token, _, _ in rows])
    writer.add_token_scores([score for _, score, _ in rows])
    writer.add_token_types([kind for _, _, kind in rows])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(True)
    writer.add_chat_template(CHATML)
    _weights(writer, [row[0] for row in rows])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _weights(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    """Random numbers; a bias makes whole words likely and everything else nearly impossible."""
    dice = np.random.default_rng(1)

    def some(*shape: int) -> np.ndarray:
        return (dice.standard_normal(shape) * 0.05).astype(np.float32)

    embedding = dice.standard_normal((len(tokens), WIDTH)).astype(np.float32)
    embedding[:, 0] = 4.0
    output = dice.standard_normal((len(tokens), WIDTH)).astype(np.float32) * 0.35
    output[:, 0] = -6.0
    wholes = {SPACE + word for word in WORDS}
    output[[number for number, token in enumerate(tokens) if token in wholes], 0] = 0.0
    output[2, 0] = -1.0
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        name = f"blk.{layer}"
        writer.add_tensor(f"{name}.attn_norm.weight", np.ones(WIDTH, dtype=np.float32))
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{name}.{part}.weight", some(WIDTH, WIDTH))
        writer.add_tensor(f"{name}.ffn_norm.weight", np.ones(WIDTH, dtype=np.float32))
        writer.add_tensor(f"{name}.ffn_gate.weight", some(HIDDEN, WIDTH))
        writer.add_tensor(f"{name}.ffn_up.weight", some(HIDDEN, WIDTH))
        writer.add_tensor(f"{name}.ffn_down.weight", some(WIDTH, HIDDEN))


if __name__ == "__main__":
    main(sys.argv[1])
