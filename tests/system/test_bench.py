# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead bench runs and prints every row; what the numbers are is nobody's promise."""
import json
import subprocess

from bulkheadlib import bench
from bulkheadlib.places import ROOT


def test_bench_prints_all_rows(tmp_path):
    file = tmp_path / "numbers.json"
    done = subprocess.run([ROOT / "tools/bulkhead", "bench", "--json", file], capture_output=True, text=True,
                          check=False)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    numbers = json.loads(file.read_text())
    assert {name: set(boot["points"]) for name, boot in numbers["boot"].items()} == {
        "hello": {"seal", "hello"}, "demo": {"seal", "linux-a", "linux-b", "control"}}
    for boot in numbers["boot"].values():
        assert min(boot["points"], key=boot["points"].get) == "seal"
    loads = numbers["loads"]
    assert 0 < loads["in place"]["start"] < loads["copied"]["start"] - loads["copied"]["size"] // 16  # bytes of a load
    assert set(numbers["entries"]) == set(bench.ENTRIES)
    assert all(0 < entry["min"] <= entry["median"] for entry in numbers["entries"].values())
    assert set(numbers["rings"]) == {name for name, _group, _text in bench.RINGS.values()}
    assert 0 < numbers["rings"]["ring-rate"] < numbers["rings"]["ring-round"]
    assert bench.report(numbers) in done.stdout
