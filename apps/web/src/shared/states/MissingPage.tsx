import type { ReactNode } from "react";
import { followLink, usePageLocation } from "../location.ts";
import type { ShellLink } from "../shell/Shell.tsx";
import { usePageTitle } from "../use-page-title.ts";
import { Hint } from "./Hint.tsx";
import classes from "./states.module.css";

interface MissingPageProps {
  /** The pages that there are. */
  readonly links: readonly ShellLink[];
  /** What is known about the address: where its content is, for instance. */
  readonly children?: ReactNode;
}

/** What stands at an address that has no page. */
export function MissingPage({ links, children }: MissingPageProps) {
  const { path } = usePageLocation();
  usePageTitle("No such page");
  return (
    <Hint title="There is no such page">
      <p>{children ?? `Nothing is at ${path}.`}</p>
      <nav className={classes.missingLinks} aria-label="Pages">
        {links.map((link) => (
          <a key={link.path} href={link.path} onClick={followLink}>
            {link.label}
          </a>
        ))}
      </nav>
    </Hint>
  );
}
