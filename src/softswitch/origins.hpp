#pragma once
#include "softswitch/event_bus.hpp"

/// Where FreeSWITCH 1.10.12 fires each event from: consumers log and sometimes match it.
namespace strowger::softswitch::origins {

inline constexpr origin api{"switch_loadable_module.c", "switch_api_execute", "2954"};
inline constexpr origin answer{"switch_channel.c", "switch_channel_perform_mark_answered", "3846"};
inline constexpr origin background_job{"mod_commands.c", "bgapi_exec", "5396"};
inline constexpr origin bridge{"switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", "1689"};
inline constexpr origin call_state{"switch_channel.c", "switch_channel_perform_set_callstate", "301"};
inline constexpr origin create{"switch_core_state_machine.c", "switch_core_session_run", "626"};
inline constexpr origin data{"mod_commands.c", "uuid_dump_function", "6468"};
inline constexpr origin destroy{"switch_core_session.c", "switch_core_session_perform_destroy", "1584"};
inline constexpr origin dtmf{"switch_channel.c", "switch_channel_dequeue_dtmf", "660"};
inline constexpr origin execute{"switch_core_session.c", "switch_core_session_exec", "2944"};
inline constexpr origin execute_complete{"switch_core_session.c", "switch_core_session_exec", "2967"};
inline constexpr origin flip_caller_id{"switch_channel.c", "switch_channel_flip_cid", "3277"};
inline constexpr origin hangup{"switch_channel.c", "switch_channel_perform_hangup", "3445"};
inline constexpr origin hangup_complete{"switch_core_state_machine.c", "switch_core_session_reporting_state", "943"};
inline constexpr origin heartbeat{"switch_core.c", "send_heartbeat", "95"};
inline constexpr origin hold{"switch_ivr.c", "switch_ivr_hold", "1558"};
inline constexpr origin info{"sofia.c", "sofia_handle_sip_i_info", "9200"};
inline constexpr origin module_load{"switch_loadable_module.c", "switch_loadable_module_process", "200"};
inline constexpr origin originate{"switch_core_state_machine.c", "switch_core_session_run", "632"};
inline constexpr origin outgoing{"switch_core_session.c", "switch_core_session_outgoing_channel", "768"};
inline constexpr origin park{"switch_ivr.c", "switch_ivr_park", "1002"};
inline constexpr origin playback_start{"switch_ivr_play_say.c", "switch_ivr_play_file", "1646"};
inline constexpr origin playback_stop{"switch_ivr_play_say.c", "switch_ivr_play_file", "2020"};
inline constexpr origin presence{"switch_channel.c", "switch_channel_perform_presence", "805"};
inline constexpr origin private_command{"switch_ivr.c", "switch_ivr_parse_next_event", "804"};
inline constexpr origin progress{"switch_channel.c", "switch_channel_perform_mark_ring_ready_value", "3505"};
inline constexpr origin progress_media{"switch_channel.c", "switch_channel_perform_mark_pre_answered", "3560"};
inline constexpr origin read_codec{"switch_core_codec.c", "switch_core_session_set_read_codec", "279"};
inline constexpr origin real_read_codec{"switch_core_codec.c", "switch_core_session_set_real_read_codec", "168"};
inline constexpr origin record_file_start{"switch_ivr_play_say.c", "switch_ivr_record_file_event", "767"};
inline constexpr origin record_file_stop{"switch_ivr_play_say.c", "switch_ivr_record_file_event", "1030"};
inline constexpr origin record_start{"switch_ivr_async.c", "record_callback", "1482"};
inline constexpr origin record_stop{"switch_ivr_async.c", "send_record_stop_event", "1240"};
inline constexpr origin reload{"switch_xml.c", "switch_xml_open_root", "2385"};
inline constexpr origin schedule{"switch_scheduler.c", "switch_scheduler_execute", "73"};
inline constexpr origin shutdown{"switch_core.c", "switch_core_destroy", "3016"};
inline constexpr origin sofia_update{"mod_sofia.c", "sofia_receive_message", "2100"};
inline constexpr origin startup{"switch_core.c", "switch_core_init_and_modload", "2545"};
inline constexpr origin state{"switch_channel.c", "switch_channel_perform_set_running_state", "2408"};
inline constexpr origin technology{"sofia.c", "sofia_event_callback", "2500"};
inline constexpr origin unbridge{"switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", "1879"};
inline constexpr origin unhold{"switch_ivr.c", "switch_ivr_unhold", "1640"};
inline constexpr origin unpark{"switch_ivr.c", "switch_ivr_park", "1213"};
inline constexpr origin uuid_bridge{"switch_ivr_bridge.c", "uuid_bridge_on_soft_execute", "1236"};
inline constexpr origin write_codec{"switch_core_codec.c", "switch_core_session_set_write_codec", "450"};

}  // namespace strowger::softswitch::origins
