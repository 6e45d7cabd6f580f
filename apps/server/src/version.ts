/** The version of this package, as `build_info` tells it. */
export const version = "0.1.0";
