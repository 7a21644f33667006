"""Makes a folder that `ednas` opens with folder:DIR of the labeled set of NYUv2.

    python3 scripts/nyuv2_to_folder.py nyu_depth_v2_labeled.mat DIR --labels labels40.mat --splits splits.mat

The labeled set is one HDF5 file (MATLAB 7.3); it needs h5py, NumPy and pillow, and SciPy for
--splits and --labels, which are older MATLAB files. Its own labels are of 894 classes; --labels
gives the 40 classes of Gupta et al. (an array `labels40` [480, 640, 1449], 0 for no class), without
which there is no segmentation. --splits gives the published split (`trainNdxs`, `testNdxs`, counted
from 1), without which every image is for training and a tenth of them is held out.
"""

import argparse
import json
import pathlib

import h5py
import numpy as np
from PIL import Image

NAMES = """wall floor cabinet bed chair sofa table door window bookshelf picture counter blinds desk
shelves curtain dresser pillow mirror floor_mat clothes ceiling books refrigerator television paper
towel shower_curtain box whiteboard person night_stand toilet sink lamp bathtub bag other_structure
other_furniture other_prop""".split()


def save(path, array):
    """Writes beside and renames, so that an interrupted run leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    with open(beside, "wb") as file:
        if path.suffix == ".png":
            Image.fromarray(array).save(file, "png")
        else:
            np.save(file, array)
    beside.rename(path)


def matlab(path, key):
    """An array of a MATLAB file of either kind, its axes as MATLAB shows them."""
    try:
        with h5py.File(path) as file:
            return np.asarray(file[key]).T
    except OSError:
        from scipy.io import loadmat

        return loadmat(path)[key]


def names_of(numbers):
    return [f"{number:04}" for number in sorted(int(n) for n in np.ravel(numbers))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labeled", type=pathlib.Path, help="nyu_depth_v2_labeled.mat")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--labels", type=pathlib.Path, help="a file with `labels40`")
    parser.add_argument("--splits", type=pathlib.Path, help="a file with `trainNdxs`, `testNdxs`")
    arguments = parser.parse_args()

    labels = matlab(arguments.labels, "labels40") if arguments.labels else None
    with h5py.File(arguments.labeled) as file:
        images, depths = file["images"], file["depths"]  # [n, 3, w, h], [n, w, h] in meters
        for number in range(images.shape[0]):
            name = f"{number + 1:04}"
            save(arguments.folder / f"images/{name}.png", np.ascontiguousarray(images[number].T))
            depth = np.ascontiguousarray(depths[number].T, dtype=np.float32)
            save(arguments.folder / f"depth/{name}.npy", depth)
            if labels is not None:
                # 0 is no class and becomes 255; class 1 becomes 0.
                classes = labels[:, :, number].astype(np.uint8) - np.uint8(1)
                save(arguments.folder / f"seg/{name}.png", np.ascontiguousarray(classes))

    lines = ['[depth]', 'unit = "meters"', ""]
    if labels is not None:
        lines += ["[seg]", f"classes = {json.dumps(NAMES)}", "ignore = 255", ""]
    if arguments.splits:
        lines.append("[splits]")
        for split, key in [("train", "trainNdxs"), ("test", "testNdxs")]:
            names = names_of(matlab(arguments.splits, key))
            (arguments.folder / f"{split}.txt").write_text("\n".join(names) + "\n")
            lines.append(f'{split} = "{split}.txt"')
        lines.append("")
    (arguments.folder / "dataset.toml").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
