"""The Play screen: one model, step by step, whole and with parts switched off."""
