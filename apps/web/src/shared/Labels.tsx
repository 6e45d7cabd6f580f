import classes from "./Labels.module.css";

/** A label set as a row of small tags; the metric name and what is named in `without` are left out. */
export function Labels({
  labels,
  without = [],
}: {
  readonly labels: Readonly<Record<string, string>>;
  readonly without?: readonly string[];
}) {
  const pairs = Object.entries(labels).filter(([name]) => !without.includes(name));
  return (
    <span className={classes.labels}>
      {pairs.map(([name, value]) => (
        <span key={name} className={classes.label}>
          {name}="{value}"
        </span>
      ))}
    </span>
  );
}
