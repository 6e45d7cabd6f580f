import { Skeleton } from "@mantine/core";
import classes from "./states.module.css";

/** Grey rows in the place of a table that is on its way. */
export function TableSkeleton({ rowCount = 6 }: { readonly rowCount?: number }) {
  return (
    <div className={classes.skeleton} role="status" aria-label="Loading">
      {Array.from({ length: rowCount }, (_, index) => (
        <Skeleton key={index} height={14} width={`${92 - ((index * 17) % 38)}%`} />
      ))}
    </div>
  );
}
