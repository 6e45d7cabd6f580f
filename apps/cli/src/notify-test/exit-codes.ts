/** How `tatou notify test` ends. */
export const notifyTestExitCodes = { delivered: 0, failed: 1, cannotRun: 2 } as const;
