import { localStorageColorSchemeManager } from "@mantine/core";

/** Also read by the script in the head of each page, before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "tatou-color-scheme" });
