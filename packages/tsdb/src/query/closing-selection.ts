import type { SeriesSelection } from "@tatou/model";

/** A selection that lets go of something else, too, when it is closed. */
export function closingSelection(selection: SeriesSelection, onClose: () => void): SeriesSelection {
  let isOpen = true;
  return {
    seriesCount: selection.seriesCount,
    labelsAt: (index) => selection.labelsAt(index),
    readSamples: (index, column) => selection.readSamples(index, column),
    close() {
      if (!isOpen) return;
      isOpen = false;
      selection.close();
      onClose();
    },
  };
}
