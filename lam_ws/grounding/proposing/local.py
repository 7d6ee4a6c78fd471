"""A model in a folder, by transformers: a sentence enters, tokens are generated, steps leave.

Nothing is fetched and none of the folder's code is run: weights are safetensors, and a model that
needs code of its own is refused. It generates greedily on the processor until it ends the reply,
the tokens or the time are used up. One sentence is thought about at a time.
"""
from collections.abc import Sequence
from pathlib import Path
import threading
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.proposing.prompt import messages
from lam_ws.grounding.proposing.proposing import Candidate
from lam_ws.grounding.proposing.replies import read_reply
from lam_ws.grounding.proposing.within import within
from lam_ws.source import shown

MOST_TOKENS = 512


class LocalModel:
    """Asks a model in a folder; see `proposing.Proposer` for its contract.

    Args:
        folder: In the layout of transformers, with a tokenizer.

    Raises:
        ConfigurationError: There is no such folder, no safetensors in it, or no model that
            transformers loads without foreign code.
    """

    def __init__(self, folder: Path | str):
        path = Path(folder)
        if not any(path.glob('*.safetensors')):
            raise ConfigurationError('has no *.safetensors; a language model is a folder with '
                                     'config.json, tokenizer and such weights', shown(path))
        try:
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise ConfigurationError('a language model in a folder needs transformers and torch: '
                                     "pip install 'lam_ws[learn]'", shown(path)) from error
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(
                path, local_files_only=True, trust_remote_code=False)
            self._model: Any = AutoModelForCausalLM.from_pretrained(
                path, local_files_only=True, trust_remote_code=False, use_safetensors=True)
        except Exception as error:   # a spoilt folder raises whatever its spoilt file led to
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise ConfigurationError(f'is no language model that transformers loads: {first}',
                                     shown(path)) from error
        self._model.eval()
        self._busy = threading.Lock()

    def propose(self, text: str, candidates: Sequence[Candidate],
                deadline_s: float) -> tuple[Step, ...] | None:
        """Return the steps of the reply; see `Proposer.propose`."""
        over = threading.Event()

        def generate() -> str | None:
            if not self._busy.acquire(blocking=False):
                return None   # still ends the sentence before
            try:
                return self._reply(self._prompt(text, candidates), over)
            finally:
                self._busy.release()

        content = within(deadline_s, generate, over.set)
        return (content and read_reply(content, candidates)) or None

    def _prompt(self, text: str, candidates: Sequence[Candidate]) -> str:
        said = '\n'.join(one['content'] for one in messages(text, candidates)) + '\n'
        if self._tokenizer.chat_template is None:
            return said
        # One message, as some templates refuse a system's.
        return str(self._tokenizer.apply_chat_template(
            [{'role': 'user', 'content': said}], tokenize=False, add_generation_prompt=True))

    def _reply(self, prompt: str, over: threading.Event) -> str | None:
        """Return what the model says, None for a prompt that is longer than it can read."""
        import torch
        plain = self._tokenizer.chat_template is None
        given = self._tokenizer(prompt, return_tensors='pt', add_special_tokens=plain)
        length = given['input_ids'].shape[1]
        most = getattr(self._model.config, 'max_position_embeddings', None)
        if most is not None and length + MOST_TOKENS > most:
            return None
        with torch.inference_mode():
            made = self._model.generate(
                input_ids=given['input_ids'], attention_mask=given['attention_mask'],
                do_sample=False, num_beams=1, max_new_tokens=MOST_TOKENS,
                pad_token_id=self._tokenizer.eos_token_id,
                stopping_criteria=[lambda ids, scores, **_: torch.full(
                    (ids.shape[0],), over.is_set(), dtype=torch.bool)])
        return str(self._tokenizer.decode(made[0, length:], skip_special_tokens=True))
