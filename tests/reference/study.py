"""The rules of a study in plain Python, apart from the engine: sample, availability, common rows, admissible combinations.

Reads what the shipped studies use: one data file, conditions of one comparison, derived columns of the kinds sum and product.
Anything else in a study is refused, so that no rule is skipped in silence.
"""

import csv
import itertools
import math
import operator
import re
import tomllib

MISSING = ("", "NA", "NaN", ".")
COMPARISONS = {">=": operator.ge, "!=": operator.ne}


def number(text):
    return math.nan if text.strip() in MISSING else float(text)


def condition(text):
    """`column >= 12000` or `column != 'text'` as a function of a row; a comparison with a missing number is false."""
    column, sign, value = re.fullmatch(r"(\w+) (>=|!=) ('[^']*'|[\d.]+)", text).groups()
    compare = COMPARISONS[sign]
    if value.startswith("'"):
        return lambda row: compare(row[column], value[1:-1])
    return lambda row: not math.isnan(number(row[column])) and compare(number(row[column]), float(value))


class Cell:
    """One outcome in one year: the rows that are complete over response, population and every available criterion."""

    def __init__(self, rows, response, study):
        self.available = [c for c in study.criteria
                          if sum(not math.isnan(row[c]) for row in rows) / len(rows) >= study.min_coverage]
        needed = [response, study.population, *self.available]
        rows = [row for row in rows if not any(math.isnan(number(str(row[c]))) for c in needed)]
        self.units = [row[study.unit] for row in rows]
        self.y = [number(row[response]) for row in rows]
        self.x = {c: [row[c] for row in rows] for c in self.available}


class Study:
    def __init__(self, path):
        toml = tomllib.loads(path.read_text(encoding="utf-8"))
        known = {"study", "data", "sample", "subsample", "derived", "response", "groups", "criterion", "universe", "resample",
                 "cross_validation"}
        if set(toml) - known or len(toml["data"]) != 1 or any(c.get("role") == "control" for c in toml["criterion"]):
            raise SystemExit(f"{path}: holds more than this script knows")
        self.name, self.toml = path.stem, toml
        self.unit = toml["data"][0]["unit"]
        self.population = toml["sample"]["population"]
        self.min_coverage = toml["sample"].get("min_coverage", 0.80)
        self.criteria = [c["name"] for c in sorted(toml["criterion"], key=lambda c: not c.get("forced", False))]
        first, last = toml["sample"]["years"]
        self.years = list(range(first, last + 1))
        self._read(path.parent / toml["data"][0]["file"], toml["data"][0]["year"])
        self.samples = {"all": self.rows}
        for sub in toml.get("subsample", []):
            self.samples[sub["name"]] = list(filter(condition(sub["where"]), self.rows))
        self.cells = {}  # (outcome, year) -> Cell
        self.sample_of = {}  # outcome -> sample
        for response in toml["response"]:
            for sample, rows in self.samples.items():
                outcome = response["name"] + ("" if sample == "all" else f" [{sample}]")
                self.sample_of[outcome] = sample
                for year in self.years:
                    of_year = [row for row in rows if row["year"] == year]
                    self.cells[outcome, year] = Cell(of_year, response["column"], self)
        self.outcomes = list(self.sample_of)

    def _read(self, file, year_column):
        inside = condition(self.toml["sample"]["where"])
        with open(file, encoding="utf-8", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if int(row[year_column]) in self.years and inside(row)]
        for row in rows:
            row["year"] = int(row[year_column])
            for d in self.toml.get("derived", []):
                combine = {"sum": sum, "product": math.prod}[d["kind"]]
                row[d["name"]] = combine(number(row[c]) for c in d["of"]) * d.get("scale", 1.0)
            for c in self.criteria:
                row[c] = number(str(row[c]))
        self.rows = sorted(rows, key=lambda row: row[self.unit])

    def combinations(self):
        """Admissible combinations by size, members in study order."""
        universe = self.toml["universe"]
        barred = {frozenset(pair) for pair in universe.get("exclude", [])} | self._correlated(universe["max_abs_r"])
        group_of = {c["name"]: c["group"] for c in self.toml["criterion"] if "group" in c}
        most = {g: 1 for g in group_of.values()} | {g: v["max"] for g, v in self.toml.get("groups", {}).items()}
        forced = {c["name"] for c in self.toml["criterion"] if c.get("forced", False)}

        def admissible(members):
            groups = [group_of[m] for m in members if m in group_of]
            return (forced <= set(members) and all(groups.count(g) <= most[g] for g in groups)
                    and not any(frozenset(pair) in barred for pair in itertools.combinations(members, 2)))

        smallest, largest = universe["size"]
        return {size: [m for m in itertools.combinations(self.criteria, size) if admissible(m)]
                for size in range(smallest, largest + 1)}

    def _correlated(self, limit):
        """Pairs whose median |r| over the years of the first outcome is at or above the limit."""
        pairs = set()
        for a, b in itertools.combinations(self.criteria, 2):
            cells = [self.cells[self.outcomes[0], year] for year in self.years]
            r = sorted(abs(correlation(c.x[a], c.x[b])) for c in cells if a in c.x and b in c.x)
            if r and (r[(len(r) - 1) // 2] + r[len(r) // 2]) / 2 >= limit:
                pairs.add(frozenset((a, b)))
        return pairs


def correlation(a, b):
    mean_a, mean_b = math.fsum(a) / len(a), math.fsum(b) / len(b)
    cross = math.fsum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    square_a, square_b = math.fsum((x - mean_a) ** 2 for x in a), math.fsum((y - mean_b) ** 2 for y in b)
    return cross / math.sqrt(square_a * square_b)
