import type { LabelDefinition, LabelElement } from '@muster/api/labels';
import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { t } from '../../app/messages.ts';
import { gridMm, movedBy, movedTo } from './design.ts';

interface Props {
  label: LabelDefinition;
  /** The label as it is printed; null until it was drawn once. */
  svg: string | null;
  selected: number | null;
  onSelect: (index: number) => void;
  onElement: (index: number, next: LabelElement | null) => void;
}

/** Millimetres of an arrow key with Shift. */
const strideMm = 5;
const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function elementName(element: LabelElement): string {
  const kind = t(`labels.add.${element.type}` as 'labels.add.text');
  return 'content' in element ? `${kind} ${element.content}` : kind;
}

/** The drawn label with a box to take hold of over each element: by pointer on the grid, by arrow keys in steps. */
export function DesignerCanvas({ label, svg, selected, onSelect, onElement }: Props) {
  const canvas = useRef<HTMLDivElement>(null);
  const drag = useRef<{ index: number; x: number; y: number; from: LabelElement } | null>(null);
  const perMm = (): number => (canvas.current?.clientWidth ?? label.width) / label.width;
  const percent = (value: number, whole: number): string => `${(value / whole) * 100}%`;

  const onPointerMove = (event: PointerEvent): void => {
    const held = drag.current;
    if (!held) return;
    const scale = perMm();
    onElement(
      held.index,
      movedTo(held.from, held.from.x + (event.clientX - held.x) / scale, held.from.y + (event.clientY - held.y) / scale, label),
    );
  };
  const onKeyDown = (event: KeyboardEvent, index: number, element: LabelElement): void => {
    const step = steps[event.key];
    if (event.key === 'Delete') onElement(index, null);
    else if (step) {
      const by = event.shiftKey ? strideMm : gridMm;
      onElement(index, movedBy(element, step[0] * by, step[1] * by, label));
    } else return;
    event.preventDefault();
  };
  return (
    <div
      ref={canvas}
      className="designer-canvas"
      style={{ aspectRatio: `${label.width} / ${label.height}` }}
      role="group"
      aria-label={t('labels.canvas')}
    >
      {svg && <img src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={t('labels.preview')} draggable={false} />}
      {label.elements.map((element, index) => (
        <button
          // The elements have no ids; a box is the one at its place in the drawing order.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          type="button"
          className="designer-box"
          aria-pressed={selected === index}
          aria-label={elementName(element)}
          style={{
            left: percent(element.x, label.width),
            top: percent(element.y, label.height),
            width: percent(element.width, label.width),
            height: percent(element.height, label.height),
          }}
          onClick={() => onSelect(index)}
          onFocus={() => onSelect(index)}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { index, x: event.clientX, y: event.clientY, from: element };
          }}
          onPointerMove={onPointerMove}
          onPointerUp={() => (drag.current = null)}
          onPointerCancel={() => (drag.current = null)}
          onKeyDown={(event) => onKeyDown(event, index, element)}
        />
      ))}
    </div>
  );
}
