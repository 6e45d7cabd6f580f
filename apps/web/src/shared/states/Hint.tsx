import type { ReactNode } from "react";
import classes from "./states.module.css";

/** What an empty place says: why it is empty and what would fill it. */
export function Hint({ title, children }: { readonly title?: string; readonly children?: ReactNode }) {
  return (
    <div className={classes.hint}>
      {title !== undefined && <div className={classes.hintTitle}>{title}</div>}
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}
