"""A reference's text with other sizes, and the candidate that is equal to it."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import source
from tests.kernelbench.places import PLAIN, everything


def top(code: str) -> dict[str, object]:
    """What the top level of a text without imports assigns."""
    names: dict[str, object] = {}
    exec(code, names)
    names.pop("__builtins__")
    return names


@pytest.mark.parametrize(
    ("code", "sizes", "wanted"),
    [
        ("n = 64\n", {"n": 7}, "n = 7\n"),
        ("n: int = 64 # n = 64\n", {"n": 7}, "n: int = 7 # n = 64\n"),
        ("a, b = 1, 2\n", {"b": 30}, "a, b = 1, 30\n"),
        ("(a, [b, c]) = (1, [2, 3])", {"c": 9, "a": 8}, "(a, [b, c]) = (8, [2, 9])"),
        ("n = 2 ** 14; m = n * 2", {"n": 3}, "n = 3; m = n * 2"),
        ("n = (1024 *\n  4)", {"n": 3}, "n = (3)"),
        ("n = -1", {"n": 3}, "n = 3"),
        ("n = 3", {"n": -1}, "n = -1"),
        ("ä = 'größe'; n = 0x10", {"n": 3}, "ä = 'größe'; n = 3"),
        ("s = (4, 5)", {"s[1]": 6}, "s = (4, 6)"),
        ("n = 5\r\nm = 6\r\n", {"m": 7}, "n = 5\r\nm = 7\r\n"),
        ("def f():\n    n = 1\nn = 5", {"n": 7}, "def f():\n    n = 1\nn = 7"),
        ("n = 5", {}, "n = 5"),
        ("n = 5  # five", {"n": 5}, "n = 5  # five"),
    ],
)  # fmt: skip
def test_a_number_of_the_top_level_is_replaced_and_nothing_else(
    code: str, sizes: dict[str, int], wanted: str
):
    made = source.with_sizes(code, sizes)
    assert made == wanted
    values = top(made)
    for name, value in sizes.items():
        assert eval(name, dict(values)) == value


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        ("n = 5", "m", "'m' is not assigned at the top level of the reference; those are n"),
        ("n = 5.0", "n", "'n' is not assigned a whole number"),
        ("n = True", "n", "'n' is not assigned a whole number"),
        ("m = 4\nn = m + 1", "n", "those are m"),
        ("n = len('abc')", "n", "there is none"),
        ("n = 5\nn = 6", "n", "'n' is assigned 2 times"),
        ("n = 5\nif n:\n    n = 6", "n", "'n' is assigned 2 times"),
        ("n = 5\nn += 1", "n", "'n' is assigned 2 times"),
        ("n = 5\ndef f():\n    global n\n    n = 3", "n", "'n' is assigned 2 times"),
        ("if True:\n    n = 5", "n", "'n' is not assigned a whole number"),
        ("def f():\n    n = 5", "n", "'n' is not assigned at the top level"),
        ("class A:\n    n = 5", "n", "'n' is not assigned at the top level"),
        ("s = (4, 5)", "s", "those are s[0], s[1]"),
        ("n = (", "n", "line 1: not Python"),
    ],
)
def test_what_is_no_number_of_the_top_level_is_said(code: str, name: str, says: str):
    with pytest.raises(InputError) as error:
        source.with_sizes(code, {name: 7})
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_every_number_told_can_be_replaced():
    for problem in everything():
        told = source.numbers(problem.code)
        changed = {name: value + 1 for name, value in told.items()}
        assert source.numbers(source.with_sizes(problem.code, changed)) == changed


def test_a_seed_has_the_class_and_what_it_needs_and_no_more():
    code = (
        '"""About."""\nfrom __future__ import annotations\nimport math\nimport torch\n'
        "import torch.nn as nn\nfrom dataclasses import dataclass\n\n"
        "# of the inputs\nbatch = 4\nscale = 3\neps = scale * 2\n\n\n"
        "@dataclass\nclass Config:\n    n: int = 4\n\n\n"
        "def helper(x):\n    return x * eps\n\n\n"
        "class Model(nn.Module):\n    def __init__(self, c: Config):\n"
        "        super(Model, self).__init__()\n\n    def forward(self, x):\n"
        "        return helper(x) if isinstance(self, Model) else x\n\n\n"
        "def made():\n    return torch.rand(batch)\n\n\n"
        "def get_inputs():\n    return [made()]\n\n\ndef get_init_inputs():\n"
        "    return [Config()]\n\n\nif __name__ == '__main__':\n    print(Model(Config()))\n"
    )
    assert source.seed(code) == (
        '"""About."""\nfrom __future__ import annotations\n'
        "import torch.nn as nn\nfrom dataclasses import dataclass\n\n"
        "scale = 3\neps = scale * 2\n\n\n"
        "@dataclass\nclass Config:\n    n: int = 4\n\n\n"
        "def helper(x):\n    return x * eps\n\n\n"
        "class ModelNew(nn.Module):\n    def __init__(self, c: Config):\n"
        "        super(ModelNew, self).__init__()\n\n    def forward(self, x):\n"
        "        return helper(x) if isinstance(self, ModelNew) else x\n"
    )


EXTRAS = [
    "class Config:\n    Model = 3\n\nx = Config.Model\ny = dict(Model=3)",
    "def f(Model):\n    return Model + 1\n\nx = f(Model=2)",
    "torch.manual_seed(3); n = 4; torch.set_num_threads(1)",
    "names = ['Model', \"Model\"]\nfirst, *rest = names",
    "import sys; print('hello', file=sys.stderr)",
    "table = {}\ntable['Model'] = 3",
    "class \\\n  Other(nn.Module):\n    pass\n",
    "print('größe'); ä = 3",
    "n = 5\ndel n",
    "from math import *\n\ny = sqrt(4)",
]


def test_a_seed_runs_and_is_a_module_called_modelnew():
    own = PLAIN.replace("return x + 1", "return x + 1 if isinstance(self, Model) else x")
    script = "import sys, torch\n"
    for extra in EXTRAS:
        made = source.seed(own.replace("\n\nn = 64", f"\n\n{extra}\n\nn = 64"))
        script += f"names = {{}}\nexec({made!r}, names)\n"
        script += "assert names['ModelNew']()(torch.ones(1)).item() == 2\n"
        script += "assert 'get_inputs' not in names\n"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_problem_of_the_checkout_has_a_seed():
    for problem in everything():
        tree = ast.parse(source.seed(problem.code))
        names = [n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)]
        assert "ModelNew" in names
        assert not {"Model", "get_inputs", "get_init_inputs"} & set(names)


def test_without_a_model_there_is_no_seed():
    with pytest.raises(InputError, match="no class Model"):
        source.seed("class ModelNew: pass")
