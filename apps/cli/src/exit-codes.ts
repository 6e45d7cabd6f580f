/** A program that ends with this code says that starting it again would not help: its configuration is wrong. */
export const exitCodeRefused = 78;

/** A defect of ours. */
export const exitCodeDefect = 70;

/** Ended by Ctrl-C before everything was in order. */
export const exitCodeInterrupted = 130;
