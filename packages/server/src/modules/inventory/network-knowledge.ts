import { compileKnowledge } from '@muster/protocols';
import descriptions from '../../../../../content/network/descriptions.json' with { type: 'json' };
import devices from '../../../../../content/network/devices.json' with { type: 'json' };
import enterprises from '../../../../../content/network/enterprises.json' with { type: 'json' };
import objects from '../../../../../content/network/objects.json' with { type: 'json' };

/** What content/network knows of makers and models of network devices. */
export const networkKnowledge = compileKnowledge({ ...enterprises, ...devices, ...descriptions, ...objects });
