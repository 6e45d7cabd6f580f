/** The files around a configuration file, for what must be read or found at load time: an argument, as this package does no I/O. */
export interface ConfigFiles {
  /** The paths that a pattern stands for, sorted; none when nothing matches. */
  glob(pattern: string): readonly string[];
  /** @throws when there is no such file */
  read(path: string): string;
  exists(path: string): boolean;
}
