import classes from "./alerts.module.css";

/** How bad it is, as a word in its colour. */
export function Severity({ severity = "no severity" }: { readonly severity: string | undefined }) {
  return (
    <span className={classes.severity} data-severity={severity}>
      {severity}
    </span>
  );
}
