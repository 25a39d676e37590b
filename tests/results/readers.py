"""Reads every variable and attribute of result files with h5py, xarray (both engines), ncdump and h5dump.

usage: readers.py FILE-OR-FOLDER...

Beside FILE.h5 there may be FILE.h5.dump, what the writer was given (see examples.cpp): then values, shapes, axes and
attributes are compared with it. In any case the readers must agree with h5py, and the storage rules must hold.
"""

import pathlib
import subprocess
import sys
from urllib.parse import unquote

import h5py
import numpy as np
import xarray as xr

SCALE_ATTRIBUTES = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_FillValue"}
KINDS = {"real": np.float64, "int32": np.int32, "int8": np.int8}
trouble = []


def check(condition, *what):
    if not condition:
        trouble.append(" ".join(str(w) for w in what))


def parse(values, kind):
    fields = values.split(" ") if values else []
    if kind == "text":
        return np.array([unquote(f[1:]) for f in fields], dtype=object)
    return np.array([float.fromhex(f) if kind == "real" else int(f) for f in fields], dtype=KINDS[kind])


def read_dump(path):
    """{variable: (values, axes)}, {variable: {attribute: values}}; the root group is '-'."""
    variables, attributes = {}, {}
    for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
        what, name, *rest = line.split("\t")
        if what == "variable":
            kind, axes, shape, values = rest
            shape = [int(n) for n in shape.split(",") if n]
            variables[name] = (parse(values, kind).reshape(shape), [a for a in axes.split(",") if a])
        else:
            attribute, kind, values = rest
            attributes.setdefault(name, {})[attribute] = parse(values, kind)
    return variables, attributes


def text(values):
    """Texts as str, whatever the reader gave."""
    decode = np.vectorize(lambda v: v.decode("utf-8") if isinstance(v, bytes) else str(v), otypes=[object])
    return decode(np.asarray(values, dtype=object)) if np.size(values) else np.asarray(values, dtype=object)


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind in "OSU" or b.dtype.kind in "OSU":
        return np.array_equal(text(a), text(b))
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f" and b.dtype.kind == "f")


def check_storage(name, dataset):
    kind = dataset.dtype
    string = h5py.check_string_dtype(kind)
    check(string is not None or kind in (np.float64, np.int32, np.int8), name, "has type", kind)
    check(string is None or (string.encoding == "utf-8" and string.length is None), name, "is no variable-length UTF-8 text")
    large = dataset.size * dataset.dtype.itemsize >= 65536 and string is None
    check((dataset.chunks is not None) == large, name, "chunks", dataset.chunks, "of", dataset.shape)
    check(dataset.fletcher32 == large, name, "checksum", dataset.fletcher32)
    check("_FillValue" not in dataset.attrs or kind == np.float64, name, "has _FillValue")
    unit = str(text(dataset.attrs.get("units", "")))
    check(unit not in ("seconds", "minutes", "hours", "days") and "since" not in unit, name, "has a unit of time")


def own(attrs):
    return {k: v for k, v in attrs.items() if k not in SCALE_ATTRIBUTES}


def with_h5py(path):
    variables, attributes = {}, {}
    with h5py.File(path, "r") as file:
        attributes["-"] = own(file.attrs)

        def visit(name, item):
            # An axis without values (netCDF's own mark): a dimension to the netCDF readers, no variable.
            if item.attrs.get("NAME", b"").startswith(b"This is a netCDF dimension but not a netCDF variable"):
                return
            if isinstance(item, h5py.Dataset):
                check_storage(name, item)
                values = item.asstr()[()] if h5py.check_string_dtype(item.dtype) else item[()]
                axes = [d[0].name.rsplit("/", 1)[-1] if len(d) else name.rsplit("/", 1)[-1] for d in item.dims]
                variables[name] = (np.asarray(values), axes)
                attributes[name] = own(item.attrs)

        file.visititems(visit)
    return variables, attributes


def with_xarray(path, engine):
    variables, attributes = {}, {}
    for group in (None, "provenance"):
        prefix = "" if group is None else group + "/"
        with xr.open_dataset(path, engine=engine, group=group) as data:
            data.load()
            if group is None:
                attributes["-"] = own(data.attrs)
            for name, variable in data.variables.items():
                variables[prefix + name] = (variable.values, list(variable.dims))
                attributes[prefix + name] = {**own(variable.attrs), **{k: v for k, v in variable.encoding.items() if k in ("coordinates", "units")}}
    return variables, attributes


def compare(who, got, wanted, complete):
    (got_variables, got_attributes), (variables, attributes) = got, wanted
    if complete:
        check(set(got_variables) == set(variables), who, "variables differ:", sorted(set(got_variables) ^ set(variables)))
    for name in variables.keys() & got_variables.keys():
        (values, axes), (wanted_values, wanted_axes) = got_variables[name], variables[name]
        check(same(values, wanted_values), who, name, "values differ")
        check(axes == wanted_axes, who, name, "axes", axes, "not", wanted_axes)
        if np.asarray(wanted_values).dtype.kind in "if":
            check(values.dtype == wanted_values.dtype, who, name, "type", values.dtype, "not", wanted_values.dtype)
    for name, wanted_of in attributes.items():
        for attribute, value in wanted_of.items():
            if name in got_attributes and attribute in got_attributes[name]:
                check(same(np.ravel(got_attributes[name][attribute]), np.ravel(value)), who, name, attribute, "differs")
            else:
                check(False, who, name, "lacks attribute", attribute)


def check_xarray_use(path, engine):
    """The example of the format: pick an outcome by name, rank, look up labels."""
    with xr.open_dataset(path, engine=engine) as data:
        data["label"].load()
        data = data.set_coords("label").sel(outcome=data.outcome.values[0])
        best = data.cv_rmse.where(data.status == 0).mean("year").to_series().nsmallest(3).index
        check(all(isinstance(label, str) for label in data.label.sel(combination=best).values), engine, "labels are no text")


def check_command(command, path, names):
    done = subprocess.run([command[0], *command[1:], str(path)], capture_output=True, text=True)
    check(done.returncode == 0, command, path, "exits", done.returncode, done.stderr[:300])
    for name in names:
        check(name.rsplit("/", 1)[-1] in done.stdout, command, path, "does not show", name)


def check_file(path):
    before = len(trouble)
    h5 = with_h5py(path)
    dump = path.with_name(path.name + ".dump")
    if dump.exists():
        compare("h5py", h5, read_dump(dump), True)
    for engine in ("h5netcdf", "netcdf4"):
        compare(engine, with_xarray(path, engine), h5, True)
        check_xarray_use(path, engine)
    check_command(["ncdump", "-h"], path, h5[0])
    check_command(["ncdump"], path, [])
    check_command(["h5dump", "-H"], path, h5[0])
    print(f"{path.name}: {len(h5[0])} variables, {'compared with the dump' if dump.exists() else 'readers agree'}: "
          f"{'ok' if len(trouble) == before else 'FAILED'}")


def main():
    files = []
    for given in map(pathlib.Path, sys.argv[1:]):
        files += sorted(given.glob("**/*.h5")) if given.is_dir() else [given]
    check(files, "no files in", sys.argv[1:])
    for path in files:
        check_file(path)
    print("\n".join(trouble[:40]))
    return 1 if trouble else 0


sys.exit(main())
