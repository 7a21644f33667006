//! Data sets: images with segmentation, depth and surface-normal labels.
