"""Models small enough to be written by a test: one says one thing, the other likes some bytes.

Both have a single layer that adds nothing to what enters, so what comes next is decided by the
last token alone.
"""
import numpy as np

# Bytes that the second model likes best, in this order; it likes every other less.
LIKED = '{]}"prs1abcdefghijklmnoqtuvwxyz_023456789:, [-'


def write_transformers(folder, says):
    """Write a model of transformers that says `says`, a text without spaces, and ends."""
    from tokenizers import models, pre_tokenizers, Tokenizer
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = ['<unk>', '</s>', says]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, '<unk>'))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token='<unk>', eos_token='</s>',
                            chat_template='{% for one in messages %}{{ one.content }} '
                                          '{% endfor %}').save_pretrained(folder)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=len(words), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=32768, bos_token_id=None, eos_token_id=1,
        pad_token_id=1))
    with torch.no_grad():
        model.model.layers[0].self_attn.o_proj.weight.zero_()
        model.model.layers[0].mlp.down_proj.weight.zero_()
        for weight in (model.model.embed_tokens.weight, model.lm_head.weight):
            weight.zero_()
        for word, after in enumerate((2, 1, 1)):   # what follows each word
            model.model.embed_tokens.weight[word, word] = 1.0
            model.lm_head.weight[after, word] = 1.0
    model.save_pretrained(folder)


def write_gguf(path):
    """Write a model for llama.cpp that likes the bytes of `LIKED`; needs gguf."""
    import gguf

    rng = np.random.default_rng(0)
    width, wide = 64, 128
    tokens = [b'<unk>', b'<s>', b'</s>', *(f'<0x{byte:02X}>'.encode() for byte in range(256)),
              '\u2581'.encode()]
    writer = gguf.GGUFWriter(str(path), 'llama')
    writer.add_context_length(16384)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(wide)
    writer.add_head_count(4)
    writer.add_head_count_kv(4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // 4)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model('llama')
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    liking = np.full(len(tokens), -200.0)
    for rank, letter in enumerate(LIKED):
        liking[3 + ord(letter)] = -rank
    shapes = {'attn_q': (width, width), 'attn_k': (width, width), 'attn_v': (width, width),
              'attn_output': (width, width), 'ffn_gate': (wide, width), 'ffn_up': (wide, width),
              'ffn_down': (width, wide)}
    tensors = {'token_embd': np.ones((len(tokens), width)), 'output_norm': np.ones(width),
               'output': np.outer(liking, np.ones(width)) / width,
               'blk.0.attn_norm': np.ones(width), 'blk.0.ffn_norm': np.ones(width)}
    for name, shape in shapes.items():
        still = name in ('attn_output', 'ffn_down')
        tensors[f'blk.0.{name}'] = np.zeros(shape) if still else rng.normal(0.0, 0.1, shape)
    for name, tensor in tensors.items():
        writer.add_tensor(f'{name}.weight', tensor.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
