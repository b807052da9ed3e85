import { agentIds, ethernet, type Machine, macOf, nameOf, pc, randomMac, usbNic, usbOuis, uuidOf, vm, whiteBox, wifi } from './hardware.ts';
import { agent, agentDaily, directory, management, mdm, partial, send, type World } from './world.ts';

/** What happens to personal computers. Each function plays one story: its machines, who reports them, and what befell them. */

const days = (w: World): number => w.chance.int(4, 10);
const start = (w: World): number => w.chance.int(0, 60);

export function plain(w: World): void {
  agentDaily(w, w.chance.odds(0.9) ? pc(w.chance, w.id()) : whiteBox(w.chance, w.id()), start(w), days(w));
}

export function twoSources(w: World): void {
  const m = pc(w.chance, w.id(), 'laptop');
  const [from, id, second] = [start(w), uuidOf(w.chance), w.chance.pick([mdm, management])];
  const order = w.chance.int(-3, 6);
  agentDaily(w, m, from, days(w), (day) => {
    if ((day - from) % 2 === 0) second(w, m, day + order + 0.5, id);
  });
}

export function inDirectory(w: World): void {
  const m = pc(w.chance, w.id());
  m.domain = 'corp.example';
  const [from, id] = [start(w), uuidOf(w.chance)];
  directory(w, m, from - w.chance.pick([1, 1, -2]), id);
  agentDaily(w, m, from, days(w));
  directory(w, m, from + 4, id);
}

export function renamed(w: World): void {
  const m = w.chance.odds(0.85) ? pc(w.chance, w.id()) : whiteBox(w.chance, w.id());
  const from = start(w);
  agentDaily(w, m, from, days(w));
  m.name = nameOf(w.chance);
  // Some agents build a new id of their own from the new name.
  if (w.chance.odds(0.3)) Object.assign(m, agentIds(w.chance, m.name));
  agentDaily(w, m, from + 12, days(w));
}

export function reimaged(w: World): void {
  const m = w.chance.odds(0.85) ? pc(w.chance, w.id()) : whiteBox(w.chance, w.id());
  const from = start(w);
  agentDaily(w, m, from, days(w));
  if (w.chance.odds(0.6)) m.name = nameOf(w.chance);
  if (w.chance.odds(0.15)) m.disks = [w.chance.letters('S6Z1NX0T######')];
  Object.assign(m, agentIds(w.chance, m.name));
  agentDaily(w, m, from + 12, days(w));
}

export function placeholderSerial(w: World): void {
  const m = whiteBox(w.chance, w.id());
  const from = start(w);
  agentDaily(w, m, from, days(w));
  if (w.chance.odds(0.4)) management(w, m, from + 3.3, uuidOf(w.chance));
}

/** A small maker writes one serial number into a whole batch; no list knows it. */
export function sharedSerial(w: World): void {
  const batch = w.chance.letters('SN-#####-AA');
  const board = whiteBox(w.chance, '');
  const oneUuid = w.chance.odds(0.3) ? uuidOf(w.chance) : null;
  const from = start(w);
  for (let i = w.chance.int(3, 8); i > 0; i--) {
    const m: Machine = { ...whiteBox(w.chance, w.id()), manufacturer: 'Noname Systems', model: board.model, serial: batch };
    m.uuid = oneUuid ?? uuidOf(w.chance);
    agentDaily(w, m, from + w.chance.int(0, 20), days(w));
  }
}

/** One UUID on many machines that have good serial numbers of their own. */
export function sharedUuid(w: World): void {
  const uuid = uuidOf(w.chance);
  const from = start(w);
  for (let i = w.chance.int(3, 8); i > 0; i--)
    agentDaily(w, { ...pc(w.chance, w.id(), 'desktop'), uuid }, from + w.chance.int(0, 20), days(w));
}

/** An image made with the agent installed: all machines have its ids, and at first its name. */
export function clonedImage(w: World): void {
  const image = pc(w.chance, '', 'desktop');
  const from = start(w);
  for (let i = w.chance.int(2, 6); i > 0; i--) {
    const m: Machine = {
      ...pc(w.chance, w.id(), 'desktop'),
      agentId: image.agentId,
      deviceId: image.deviceId,
      manufacturer: image.manufacturer,
      model: image.model,
    };
    const own = m.name;
    m.name = image.name;
    agentDaily(w, m, from + w.chance.int(0, 4), 1);
    m.name = own;
    agentDaily(w, m, from + 6, days(w));
  }
}

/**
 * Machines that were copied, or whose maker repeats serial number and UUID, each with an agent installed later: at first all have the name of the
 * image. Older agents have no id but the one made of name and time.
 */
export function repeatedFirmware(w: World): void {
  const virtual = w.chance.odds(0.3);
  const image = virtual ? vm(w.chance, '', 'hyperv') : pc(w.chance, '', 'desktop');
  const from = start(w);
  const withId = w.chance.odds(0.4);
  const sameBoard = w.chance.odds(0.3);
  for (let i = w.chance.int(2, 3); i > 0; i--) {
    const other = virtual ? vm(w.chance, w.id(), 'hyperv') : pc(w.chance, w.id(), 'desktop');
    const { manufacturer, model, serial, uuid, osFamily, domain, machineId } = image;
    const m: Machine = { ...other, manufacturer, model, serial, uuid, osFamily, domain, machineId };
    if (sameBoard) m.boardSerial = image.boardSerial;
    const own = m.name;
    const only = withId ? {} : { agentId: null };
    for (let day = from; day < from + 3 + days(w); day++) {
      m.name = day < from + 2 ? image.name : own;
      agent(w, m, day + w.chance.next(), only);
    }
  }
}

/** Two operating systems on one machine, started by turns: each has an agent and a name. */
export function twoSystems(w: World): void {
  const m = pc(w.chance, w.id(), 'laptop');
  const name = w.chance.odds(0.5) ? m.name : nameOf(w.chance);
  const second = { ...m, ...agentIds(w.chance, name), name, osFamily: 'linux', machineId: w.chance.hex(32) };
  const from = start(w);
  for (let day = from; day < from + 2 + days(w); day++) agent(w, (day - from) % 2 === 0 ? m : second, day + w.chance.next());
}

/** Docks and dongles go around: the address is of whichever laptop is docked that day. */
export function docks(w: World): void {
  const shared = Array.from({ length: w.chance.int(2, 4) }, () => usbNic(w.chance, macOf(w.chance, w.chance.pick(usbOuis))));
  const laptops = Array.from({ length: w.chance.int(3, 7) }, () =>
    w.chance.odds(0.9) ? pc(w.chance, w.id(), 'laptop') : { ...whiteBox(w.chance, w.id()), nics: [wifi(macOf(w.chance, '14ac60'))] },
  );
  if (w.chance.odds(0.5)) for (const m of laptops) m.model = (laptops[0] as Machine).model;
  const from = start(w);
  for (let day = from; day < from + days(w); day++) {
    for (const m of laptops) {
      const docked = w.chance.odds(0.6) ? [w.chance.pick(shared)] : [];
      const bluetooth = w.chance.odds(0.1) ? [{ mac: '00:1a:7d:da:71:0a', virtual: false, type: 'bluetooth', driver: null }] : [];
      agent(w, { ...m, nics: [...m.nics, ...docked, ...bluetooth] }, day + w.chance.next());
    }
  }
}

/** Two tools read the same UUID in different byte orders, and nothing else in firmware is of use. */
export function swappedUuid(w: World): void {
  const m = { ...whiteBox(w.chance, w.id()), uuid: uuidOf(w.chance) };
  const [from, id] = [start(w), uuidOf(w.chance)];
  agentDaily(w, m, from, days(w), (day) => {
    if (day % 3 === 0) management(w, m, day + 0.4, id);
  });
}

/** A technician replaced the board: with luck he wrote the serial number into the new one. */
export function boardSwap(w: World): void {
  const m = pc(w.chance, w.id());
  const from = start(w);
  agentDaily(w, m, from, days(w));
  const fresh = pc(w.chance, '');
  const fate = w.chance.next();
  if (fate > 0.6) m.serial = fate > 0.85 ? fresh.serial : w.chance.pick(['System Serial Number', 'To be filled by O.E.M.', '']);
  m.uuid = fresh.uuid;
  m.boardSerial = fresh.boardSerial;
  m.nics = m.nics.map((nic) =>
    nic.virtual || (nic.type === 'wifi' && w.chance.odds(0.5)) ? nic : { ...nic, mac: macOf(w.chance, '8c8caa') },
  );
  agentDaily(w, m, from + 12, days(w));
}

/** The laptop died; its disk, with agent, name and all, goes on in a spare one. */
export function diskMove(w: World): void {
  const from = start(w);
  const old = pc(w.chance, w.id(), 'laptop');
  const spare = pc(w.chance, w.id(), 'laptop');
  agentDaily(w, old, from, days(w));
  if (w.chance.odds(0.6)) agentDaily(w, spare, from, 3);
  const moved: Machine = { ...spare, name: old.name, domain: old.domain, agentId: old.agentId, deviceId: old.deviceId, disks: old.disks };
  agentDaily(w, moved, from + 12, days(w));
}

/** Reports of what changed, some of them before the first whole one. */
export function partials(w: World): void {
  const m = pc(w.chance, w.id());
  const from = start(w);
  if (w.chance.odds(0.3)) partial(w, m, from - 0.5);
  agentDaily(w, m, from, days(w), (day) => {
    if (day > from) partial(w, m, day + w.chance.next());
  });
}

/** One source takes the board's serial number for that of the machine. */
export function serialType(w: World): void {
  const m: Machine = { ...pc(w.chance, w.id()), boardSerial: w.chance.letters('L1HF######A') };
  const [from, id] = [start(w), uuidOf(w.chance)];
  agentDaily(w, m, from, days(w));
  for (let i = 0; i < 3; i++)
    send(w, m, from + w.chance.int(-2, 8) + 0.6, {
      source: 'scanner',
      nativeId: id,
      hasAgent: false,
      facts: { name: m.name, manufacturer: m.manufacturer, model: m.model, serial: m.boardSerial, osFamily: m.osFamily },
    });
}

/** The system makes up an address for each network, and there is no other adapter. */
export function randomisedMac(w: World): void {
  const m = w.chance.odds(0.7) ? pc(w.chance, w.id(), 'laptop') : { ...whiteBox(w.chance, w.id()), uuid: uuidOf(w.chance) };
  const from = start(w);
  agentDaily(w, m, from, days(w), () => {
    m.nics = [wifi(randomMac(w.chance))];
  });
  if (w.chance.odds(0.3)) {
    Object.assign(m, agentIds(w.chance, m.name));
    agentDaily(w, m, from + 12, 3);
  }
}

/** A register was typed in before the first agent came. */
export function enteredByHand(w: World): void {
  const m = pc(w.chance, w.id());
  const from = start(w);
  const tag = w.chance.letters('IT-0#####');
  if (w.chance.odds(0.3)) m.assetTag = tag;
  const typo = w.chance.odds(0.03);
  send(w, m, from - 2, {
    source: 'register',
    nativeId: tag,
    byHand: true,
    hasAgent: false,
    facts: {
      assetTag: tag,
      serial: typo ? `${m.serial}1` : m.serial,
      manufacturer: w.chance.odds(0.6) ? m.manufacturer : null,
      model: m.model,
    },
  });
  agentDaily(w, m, from, days(w));
}

/** One name in two domains, and a successor under the name of the machine it replaced. */
export function sameName(w: World): void {
  const [a, b] = [pc(w.chance, w.id()), w.chance.odds(0.5) ? pc(w.chance, w.id()) : whiteBox(w.chance, w.id())];
  const from = start(w);
  b.name = a.name;
  a.domain = 'corp.example';
  b.domain = w.chance.pick(['emea.corp.example', 'WORKGROUP', 'corp.example']);
  directory(w, a, from - 0.5, uuidOf(w.chance));
  agentDaily(w, a, from, days(w));
  agentDaily(w, b, from + 14, days(w));
}

/** A network card, and later a disk, replaced. */
export function partsReplaced(w: World): void {
  const m = w.chance.odds(0.7) ? pc(w.chance, w.id(), 'desktop') : whiteBox(w.chance, w.id());
  const from = start(w);
  agentDaily(w, m, from, days(w));
  m.nics = [ethernet(macOf(w.chance, '001b21'))];
  agentDaily(w, m, from + 12, 3);
  m.disks = [w.chance.letters('WD-WCC4N#######')];
  agentDaily(w, m, from + 16, 3);
}
