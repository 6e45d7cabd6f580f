import { MemoryStore } from "@tatou/model";
import { expect, test } from "vitest";
import { runScript } from "../script/run-script.ts";

const script = `
load 1m
  left{x="a"} 10
  left{x="b"} 20
  right{x="a"} 100
  right{x="c"} 300
  many{x="a", cpu="0"} 1
  many{x="a", cpu="1"} 2
  many{x="b", cpu="0"} 3

eval instant at 0 left + fill(0) right
  {x="a"} 110
  {x="b"} 20
  {x="c"} 300

eval instant at 0 left - fill_left(5) right
  {x="a"} -90
  {x="c"} -295

eval instant at 0 left - fill_right(5) right
  {x="a"} -90
  {x="b"} 15

eval instant at 0 left != fill(20) right
  left{x="a"} 10
  {x="c"} 20

eval instant at 0 left == bool fill(20) right
  {x="a"} 0
  {x="b"} 1
  {x="c"} 0

eval instant at 0 many * on(x) group_left fill_right(7) right
  {x="a", cpu="0"} 100
  {x="a", cpu="1"} 200
  {x="b", cpu="0"} 21

eval instant at 0 right * on(x) group_right fill_right(7) many
  {x="a", cpu="0"} 100
  {x="a", cpu="1"} 200
  {x="c"} 2100

eval instant at 0 left + fill_left(1) nothing

eval instant at 0 many > on(x) group_left left
eval instant at 0 many < on(x) group_left left
  many{x="a", cpu="0"} 1
  many{x="a", cpu="1"} 2
  many{x="b", cpu="0"} 3

eval instant at 0 sum by (x) (many) and left or right unless on(x) many
  {x="a"} 3
  {x="b"} 3
  right{x="c"} 300
`.replace("left\neval", "left\n\neval");

test.each([{ delayedNameRemoval: false }, { delayedNameRemoval: true }])(
  "operators between vectors match, fill in and filter, with %o",
  async (names) => {
    const features = { binopFillModifiers: true, ...names };
    const report = await runScript(script, { openStore: () => new MemoryStore(), context: { features } });
    expect(report).toEqual({ passedCount: 11, failures: [], unsupported: [] });
  },
);
