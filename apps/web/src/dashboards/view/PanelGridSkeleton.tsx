import { Skeleton } from "@mantine/core";
import classes from "./dashboard.module.css";

/** Grey panels while the dashboard itself is on its way. */
export function PanelGridSkeleton() {
  return (
    <div className={classes.page} role="status" aria-label="Loading dashboard">
      <div className={classes.skeletons}>
        {Array.from({ length: 6 }, (_, index) => (
          <Skeleton key={index} height={220} />
        ))}
      </div>
    </div>
  );
}
