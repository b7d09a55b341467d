#!/bin/bash
echo starting
python -m stayer.main
