import classes from "./engine.module.css";

type State = "up" | "down" | "unknown" | "inactive" | "pending" | "firing" | "missing" | "ok" | "err";

/** A state as a word with a dot in its colour: the colour never stands alone. */
export function StateMark({ state }: { readonly state: State }) {
  return (
    <span className={classes.state} data-state={state}>
      {state}
    </span>
  );
}
