"""The Inside screen: why did it say that?"""
