import type { SeedTitle } from './windows-titles.ts';

const t = (name: string, publisher: string, share: number, versions: string, departments?: readonly string[]): SeedTitle => ({
  name,
  publisher,
  share,
  versions: versions.split(' '),
  ...(departments ? { departments } : {}),
});
const bundled =
  'Activity Monitor,AirPort Utility,App Store,Audio MIDI Setup,Automator,Bluetooth File Exchange,Books,Calculator,Calendar,Chess,Clock,ColorSync Utility,Console,Contacts,Dictionary,Digital Color Meter,Disk Utility,FaceTime,Find My,Font Book,Freeform,Grapher,Home,Image Capture,Keychain Access,Launchpad,Mail,Maps,Messages,Migration Assistant,Mission Control,Music,News,Notes,Photo Booth,Photos,Podcasts,Preview,QuickTime Player,Reminders,Safari,Screen Sharing,Screenshot,Script Editor,Shortcuts,Siri,Stickies,Stocks,System Information,System Settings,Terminal,TextEdit,Time Machine,TV,Voice Memos,VoiceOver Utility,Weather,AOSUIPrefPaneLauncher,AddPrinter,AirDrop,Archive Utility,Certificate Assistant,CoreServicesUIAgent,Directory Utility,Dock,DVD Player,Expansion Slot Utility,Feedback Assistant,Finder,Folder Actions Setup,Games,iCloud,Install Command Line Developer Tools,Installer,Jar Launcher,Keyboard Setup Assistant,Language Chooser,loginwindow,ManagedClient,Memory Slot Utility,Network Utility,NotificationCenter,OBEXAgent,PowerChime,Problem Reporter,RapportUIAgent,Setup Assistant,SpeechRecognitionServer,Spotlight,Storage Management,SystemUIServer,ThermalTrap,Ticket Viewer,UniversalAccessControl,UnmountAssistantAgent,UserNotificationCenter,VoiceOver,Wireless Diagnostics,ZoomWindow,50onPaletteServer,AirScanLegacyDiscovery,AutoImporter,Build Web Page,Character Palette,Conflict Resolver,Database Events,DiskImageMounter,FontRegistryUIAgent,Image Events,KeyboardViewer,MakePDF,Photo Library Migration Utility,PressAndHold,PTPCamera,QuickLookUIHelper,Scanner,Screen Time,SyncServer,System Events,Type5Camera,VirtualScanner,WiFiAgent,ABAssistantService,AddressBookUrlForwarder,AirPlayUIAgent,AppleMobileDeviceHelper,AppleMobileSync,AppleScript Utility,ARDAgent,AVB Audio Configuration,Bluetooth Setup Assistant,BluetoothUIServer,CalendarFileHandler,Calibration Assistant,Captive Network Assistant,CoreLocationAgent,DiagnosticsReporter,DiskImages UI Agent,EscrowSecurityAlert,Family,FolderActionsDispatcher,Help Viewer,Install in Progress,iOS App Installer,Keychain Circle Notification,LocationMenu,MobileDeviceUpdater,NetAuthAgent,NowPlayingTouchUI,OSDUIHelper,Paired Devices,Pass Viewer,PodcastsAuthAgent,Recursive File Processing Droplet,ReportPanic,ScreenSaverEngine,SecurityAgent,SetupAssistantSpringboard,Software Update,SoftwareUpdateNotificationManager,SpacesTouchBarAgent,Summary Service,System Image Utility,TextInputMenuAgent,TextInputSwitcher,TrackpadIM,UIKitSystem,WindowManager'.split(
    ',',
  );

/** Applications as the system profiler of macOS lists them. */
export const macTitles: readonly SeedTitle[] = [
  ...bundled.map((name) => t(name, 'Apple', 0.97, '14.5 13.6')),
  t('Xcode', 'Apple', 0.5, '15.4', ['engineering']),
  t('Pages', 'Apple', 0.7, '14.0'),
  t('Numbers', 'Apple', 0.7, '14.0'),
  t('Keynote', 'Apple', 0.7, '14.0'),
  t('GarageBand', 'Apple', 0.4, '10.4.11'),
  t('iMovie', 'Apple', 0.4, '10.4'),
  ...['Microsoft Word', 'Microsoft Excel', 'Microsoft PowerPoint', 'Microsoft Outlook', 'Microsoft OneNote'].map((n) =>
    t(n, 'Microsoft Corporation', 0.85, '16.85.2 16.84'),
  ),
  t('Microsoft Teams', 'Microsoft Corporation', 0.85, '24124.1412'),
  t('OneDrive', 'Microsoft Corporation', 0.7, '24.086'),
  t('Microsoft AutoUpdate', 'Microsoft Corporation', 0.85, '4.71'),
  t('Microsoft Edge', 'Microsoft Corporation', 0.4, '125.0.2535.51'),
  t('Google Chrome', 'Google LLC', 0.85, '125.0.6422.77'),
  t('Firefox', 'Mozilla', 0.5, '126.0'),
  t('Slack', 'Slack Technologies, Inc.', 0.7, '4.38.125'),
  t('zoom.us', 'Zoom Video Communications, Inc.', 0.7, '6.0.10'),
  t('Visual Studio Code', 'Microsoft Corporation', 0.7, '1.89.1', ['engineering', 'it', 'design']),
  t('Docker', 'Docker Inc', 0.5, '4.30.0', ['engineering']),
  t('IntelliJ IDEA', 'JetBrains s.r.o.', 0.4, '2024.1.2', ['engineering']),
  t('WebStorm', 'JetBrains s.r.o.', 0.2, '2024.1.3', ['engineering']),
  t('iTerm', 'GEORGE NACHMAN', 0.5, '3.5.0', ['engineering', 'it']),
  t('Postman', 'Postman, Inc.', 0.3, '11.1.14', ['engineering']),
  t('Figma', 'Figma, Inc.', 0.7, '124.0.2', ['design']),
  t('Sketch', 'Bohemian Coding', 0.3, '100.3', ['design']),
  t('Adobe Creative Cloud', 'Adobe Inc.', 0.8, '6.2.0.554', ['design']),
  t('Adobe Photoshop 2024', 'Adobe Inc.', 0.8, '25.7', ['design']),
  t('Adobe Illustrator 2024', 'Adobe Inc.', 0.7, '28.4.1', ['design']),
  t('Adobe InDesign 2024', 'Adobe Inc.', 0.6, '19.3', ['design']),
  t('Adobe Acrobat', 'Adobe Inc.', 0.5, '24.002.20736'),
  t('1Password', 'AgileBits Inc.', 0.4, '8.10.33'),
  t('Rectangle', 'Ryan Hanson', 0.3, '0.77'),
  t('VLC', 'VideoLAN', 0.3, '3.0.20'),
  t('Parallels Desktop', 'Parallels International GmbH', 0.1, '19.3.0'),
  t('Falcon', 'CrowdStrike Inc.', 0.9, '7.14'),
  t('Northwind Timesheet', 'Northwind Instruments IT', 0.6, '3.2.1'),
];
