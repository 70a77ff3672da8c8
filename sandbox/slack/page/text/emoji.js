/** The emoji shortcodes a security bot and its people commonly use, as Unicode. */

const EMOJI = {
  '+1': '👍', '-1': '👎', alarm_clock: '⏰', arrow_backward: '◀️', arrow_down: '⬇️',
  arrow_forward: '▶️', arrow_left: '⬅️', arrow_right: '➡️', arrow_up: '⬆️',
  arrow_upper_right: '↗️', arrow_lower_right: '↘️', arrows_counterclockwise: '🔄', bangbang: '‼️',
  bar_chart: '📊', bell: '🔔', no_bell: '🔕', black_circle: '⚫', blue_heart: '💙', bookmark: '🔖',
  bug: '🐛', bulb: '💡', bust_in_silhouette: '👤', busts_in_silhouette: '👥', calendar: '📆',
  chart_with_downwards_trend: '📉', chart_with_upwards_trend: '📈', clipboard: '📋', clock1: '🕐',
  closed_lock_with_key: '🔐', cloud: '☁️', computer: '💻', construction: '🚧', cop: '👮',
  cyclone: '🌀', date: '📅', desktop_computer: '🖥️', double_vertical_bar: '⏸️', pause_button: '⏸️',
  email: '📧', envelope: '✉️', exclamation: '❗', heavy_exclamation_mark: '❗', eyes: '👀',
  file_folder: '📁', fire: '🔥', fire_engine: '🚒', gear: '⚙️', globe_with_meridians: '🌐',
  green_heart: '💚', grey_exclamation: '❕', grey_question: '❔', hammer: '🔨',
  hammer_and_wrench: '🛠️', hand: '✋', raised_hand: '✋', heart: '❤️', heavy_check_mark: '✔️',
  heavy_minus_sign: '➖', heavy_plus_sign: '➕', hourglass: '⌛', hourglass_flowing_sand: '⏳',
  inbox_tray: '📥', information_source: 'ℹ️', interrobang: '⁉️', key: '🔑', knot: '🪢',
  label: '🏷️', large_blue_circle: '🔵', large_green_circle: '🟢', large_orange_circle: '🟠',
  large_red_square: '🟥', large_yellow_circle: '🟡', large_yellow_square: '🟨',
  large_green_square: '🟩', link: '🔗', lock: '🔒', loudspeaker: '📢', mag: '🔍', mega: '📣',
  memo: '📝', pencil: '📝', microscope: '🔬', moneybag: '💰', muscle: '💪', mute: '🔇',
  negative_squared_cross_mark: '❎', no_entry: '⛔', no_entry_sign: '🚫', office: '🏢',
  ok: '🆗', ok_hand: '👌', outbox_tray: '📤', package: '📦', page_facing_up: '📄', paperclip: '📎',
  party_popper: '🎉', tada: '🎉', person_in_lotus_position: '🧘', phone: '☎️', point_down: '👇',
  point_left: '👈', point_right: '👉', point_up: '☝️', police_car: '🚓', pray: '🙏', pushpin: '📌',
  question: '❓', radio_button: '🔘', raised_hands: '🙌', recycle: '♻️', red_circle: '🔴',
  repeat: '🔁', robot_face: '🤖', rocket: '🚀', rotating_light: '🚨', satellite: '🛰️', scroll: '📜',
  seedling: '🌱', sheet: '📄', shield: '🛡️', skull: '💀', sleeping: '😴', slightly_smiling_face: '🙂',
  small_blue_diamond: '🔹', small_orange_diamond: '🔸', small_red_triangle: '🔺',
  small_red_triangle_down: '🔻', smile: '😄', snail: '🐌', snowflake: '❄️', sos: '🆘', spiral_calendar_pad: '🗓️',
  stop_button: '⏹️', black_square_for_stop: '⏹️', stopwatch: '⏱️', sunny: '☀️', sunrise: '🌅',
  telephone_receiver: '📞', test_tube: '🧪', thinking_face: '🤔', thumbsup: '👍', thumbsdown: '👎',
  toolbox: '🧰', traffic_light: '🚦', triangular_flag_on_post: '🚩', unlock: '🔓', wastebasket: '🗑️',
  warning: '⚠️', watch: '⌚', wave: '👋', white_check_mark: '✅', ballot_box_with_check: '☑️',
  white_circle: '⚪', white_large_square: '⬜', black_large_square: '⬛', white_medium_square: '◻️',
  wrench: '🔧', x: '❌', zap: '⚡', zzz: '💤', 100: '💯', one: '1️⃣', two: '2️⃣', three: '3️⃣',
};

/** The character for a shortcode without its colons, or null where it is not known. */
export function emoji(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
}

/** Replace the known :shortcodes: in plain text; unknown ones stay as they were typed. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
}
