import type { ReactNode } from "react";
import { BrandIcon } from "../../shared/icons.tsx";
import { ColorSchemeSwitch } from "../../shared/shell/Shell.tsx";
import classes from "./session.module.css";

interface EntryCardProps {
  readonly title: string;
  readonly subtitle: string;
  readonly children: ReactNode;
}

/** The card in the middle of an otherwise empty page: sign-in and the first password. */
export function EntryCard({ title, subtitle, children }: EntryCardProps) {
  return (
    <main className={classes.page}>
      <div className={classes.corner}>
        <ColorSchemeSwitch />
      </div>
      <div className={classes.card}>
        <BrandIcon size={44} />
        <h1 className={classes.title}>{title}</h1>
        <p className={classes.subtitle}>{subtitle}</p>
        {children}
      </div>
    </main>
  );
}
