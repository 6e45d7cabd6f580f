import type { ReactNode } from "react";
import classes from "./PageHeader.module.css";

interface PageHeaderProps {
  readonly title: string;
  readonly subtitle?: ReactNode;
  /** At the right end: buttons. */
  readonly children?: ReactNode;
}

/** Title of a page and what can be done on it. */
export function PageHeader({ title, subtitle, children }: PageHeaderProps) {
  return (
    <div className={classes.header}>
      <div>
        <h1 className={classes.title}>{title}</h1>
        {subtitle !== undefined && <p className={classes.subtitle}>{subtitle}</p>}
      </div>
      {children !== undefined && <div className={classes.actions}>{children}</div>}
    </div>
  );
}
